import { ContextError } from '../msgs/context-error.js';

/** Base of every error that `nodes/` throws on purpose; the message says what was expected and what to do. */
export class NodeError extends ContextError {
  /** `NodeError`, or the name of the class that extends it. */
  override readonly name: 'NodeError' | 'EngineError' = 'NodeError';
}
