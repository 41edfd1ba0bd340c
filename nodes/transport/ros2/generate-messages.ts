#!/usr/bin/env node
import { NodeError } from '../../errors.js';
import { explainAndExit } from './explain-and-exit.js';
import { loadRclnodejs } from './load-rclnodejs.js';

/**
 * `ros2 run rxdepth generate_messages`: makes rclnodejs know the message packages of this shell. Its own
 * `generate-ros-messages` ends with 0 where it fails, so that an image without messages would pass for a whole one.
 */
try {
  const rcl = await loadRclnodejs();
  await rcl.regenerateAll().catch((cause: Error) => {
    throw new NodeError(
      `rclnodejs could not generate the JavaScript of ROS messages: ${cause.message}; can its folder be written, and ` +
        'is there room on the disk?',
      { cause },
    );
  });
  process.stdout.write('rxdepth: rclnodejs knows the message packages of this shell now.\n');
} catch (error) {
  explainAndExit(error);
}
