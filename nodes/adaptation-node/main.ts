#!/usr/bin/env node
import { declareParameters } from '../transport/ros2/declare-parameters.js';
import { EndOnSignals } from '../transport/ros2/end-on-signals.js';
import { explainAndExit } from '../transport/ros2/explain-and-exit.js';
import { openRosNode } from '../transport/ros2/open-ros-node.js';
import type { ParameterValue } from '../transport/ros2/parameter-declaration.js';
import { AdaptationNode } from './adaptation-node.js';
import { ADAPTATION_DECLARATIONS, adaptationParameters } from './adaptation-parameters.js';
import { checkRequest } from './check-request.js';

/** `ros2 run rxdepth adaptation_node`. */
try {
  const { rcl, node, ros, overrides } = await openRosNode('adaptation', process.argv.slice(2));
  const parameters = adaptationParameters(overrides);
  await checkRequest(parameters.request);
  const texts = new Set(ADAPTATION_DECLARATIONS.flatMap(({ name, type }) => (type === 'string' ? name : [])));
  // `camera_height:=1.65` on a command line is a number for ROS.
  const given = new Map(
    [...overrides].map(([name, value]) => [
      name,
      texts.has(name) ? String(value) : (value as ParameterValue),
    ]),
  );
  const refuse = () => 'the parameters of this node are read at its start: start it again with others';
  declareParameters(rcl, node, ADAPTATION_DECLARATIONS, given, refuse);
  const adaptation = new AdaptationNode(ros, { parameters });
  adaptation.begin();
  new EndOnSignals().begin(async () => {
    await adaptation.end();
    await ros.close();
  });
  node.spin();
} catch (error) {
  explainAndExit(error);
}
