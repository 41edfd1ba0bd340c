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
  refuseForeignTransitions(node, log);
}

/** What rclnodejs 2.2 answers requests of the service change_state with. */
interface ChangesState {
  _onChangeState?: (request: unknown, response: ChangeResponse) => void;
}

interface ChangeResponse {
  readonly template: { success: boolean };
  send(answer: unknown): void;
}

/**
 * rclnodejs throws for a transition that the state does not have, and what is thrown in a callback aborts the process. Nav2's
 * lifecycle manager asks so of a node that was killed and came back: it deactivates one that is not configured.
 */
function refuseForeignTransitions(node: RclLifecycleNode, log: RosLog): void {
  // It is no part of the public interface; where it is missing there is nothing to guard.
  const inner = node as ChangesState;
  const change = inner._onChangeState?.bind(node);
  if (change === undefined) return;
  inner._onChangeState = (request, response) => {
    try {
      change(request, response);
    } catch (error) {
      const [why] = (error instanceof Error ? error.message : String(error)).split(/[,\n]/);
      log.warn(`a transition was refused: ${why}`);
      response.send({ ...response.template, success: false });
    }
  };
}
