#!/usr/bin/env node
import { endOnSignals } from '../transport/ros2/end-on-signals.js';
import { explainAndExit } from '../transport/ros2/explain-and-exit.js';
import { openRosNode } from '../transport/ros2/open-ros-node.js';
import { AdaptationNode } from './adaptation-node.js';
import { AdaptationRuns } from './adaptation-runs.js';

/** `ros2 run rxdepth adaptation_node`; the parameter `perception_nodes` names those to tell, separated by commas. */
try {
  const { node, ros, overrides } = await openRosNode('adaptation', process.argv.slice(2));
  const names = String(overrides.get('perception_nodes') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const adaptation = new AdaptationNode(ros, new AdaptationRuns(), () => names);
  adaptation.begin();
  endOnSignals(async () => {
    adaptation.end();
    await ros.close();
  });
  node.spin();
} catch (error) {
  explainAndExit(error);
}
