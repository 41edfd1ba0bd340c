import { ContextError } from '../msgs/context-error.js';

/** Base of every error that `models/` throws on purpose; the message says what was expected and what to do. */
export class ModelError extends ContextError {
  /** `ModelError`. */
  override readonly name = 'ModelError';
}
