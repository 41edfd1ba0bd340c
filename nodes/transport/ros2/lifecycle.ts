import type { RclLifecycleNode } from './rclnodejs.js';
import type { RosLog } from './ros-node.js';

/** Source: lifecycle_msgs/Transition. */
const SUCCESS = 97;
const FAILURE = 98;

/** What a managed node does in its transitions: synchronous, as rclnodejs has them. False: the state stays as it was. */
export interface Transitions {
  configure(): boolean;
  activate(): boolean;
  deactivate(): boolean;
  cleanup(): boolean;
  /** Begins to let go of everything. */
  shutdown(): boolean;
}

/** Has the transitions of a node carried out; one that throws fails (rclnodejs alone would report its success). */
export function registerTransitions(node: RclLifecycleNode, transitions: Transitions, log: RosLog): void {
  const callback = (name: keyof Transitions) => () => {
    try {
      return transitions[name]() ? SUCCESS : FAILURE;
    } catch (error) {
      log.error(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      return FAILURE;
    }
  };
  node.registerOnConfigure(callback('configure'));
  node.registerOnActivate(callback('activate'));
  node.registerOnDeactivate(callback('deactivate'));
  node.registerOnCleanup(callback('cleanup'));
  node.registerOnShutdown(callback('shutdown'));
  node.registerOnError(() => SUCCESS);
}
