#!/usr/bin/env node
import { letHeapsGrow } from '../../models/let-heaps-grow.js';
import { VersionStore } from '../../models/versions/version-store.js';
import { declareParameters } from '../transport/ros2/declare-parameters.js';
import { EndOnSignals } from '../transport/ros2/end-on-signals.js';
import { explainAndExit } from '../transport/ros2/explain-and-exit.js';
import { registerTransitions } from '../transport/ros2/lifecycle.js';
import { openManagedNode } from '../transport/ros2/open-ros-node.js';
import { DECLARATIONS } from './parameters.js';
import { PerceptionNode } from './perception-node.js';
import { servePerception } from './services.js';
import { startingParameters } from './starting-parameters.js';
import { NodeView } from './view/node-view.js';

/** `ros2 run rxdepth perception_node`. */
letHeapsGrow();
try {
  const { rcl, node, ros, overrides } = await openManagedNode('perception', process.argv.slice(2));
  const { values, wrong } = startingParameters(overrides, ros.log);
  const store = new VersionStore();
  const view = new NodeView(ros, store);
  const perception = new PerceptionNode(view.ros, values, wrong, store);
  view.follow(perception);
  declareParameters(rcl, node, DECLARATIONS, new Map(Object.entries(values)), (changes) =>
    perception.change(changes),
  );
  const signals = new EndOnSignals();
  registerTransitions(
    node,
    {
      configure: () => signals.whileDeaf(() => perception.configure().ok),
      activate: () => perception.activate().ok,
      deactivate: () => perception.deactivate().ok,
      cleanup: () => perception.cleanup().ok,
      shutdown: () => {
        void perception.shutdown();
        return true;
      },
    },
    ros.log,
  );
  const adaptation = servePerception(view.ros, perception);
  signals.begin(async () => {
    adaptation.stop();
    await Promise.all([view.close(), perception.shutdown()]);
    await ros.close();
  });
  node.spin();
  if (values.autostart && node.configure().label === 'inactive') node.activate();
} catch (error) {
  explainAndExit(error);
}
