#!/usr/bin/env node
import { endOnSignals } from '../transport/ros2/end-on-signals.js';
import { explainAndExit } from '../transport/ros2/explain-and-exit.js';
import { openRosNode } from '../transport/ros2/open-ros-node.js';
import { AdaptationNode } from './adaptation-node.js';
import { adaptationParameters } from './adaptation-parameters.js';

/** `ros2 run rxdepth adaptation_node`. */
try {
  const { node, ros, overrides } = await openRosNode('adaptation', process.argv.slice(2));
  const adaptation = new AdaptationNode(ros, { parameters: adaptationParameters(overrides) });
  adaptation.begin();
  endOnSignals(async () => {
    await adaptation.end();
    await ros.close();
  });
  node.spin();
} catch (error) {
  explainAndExit(error);
}
