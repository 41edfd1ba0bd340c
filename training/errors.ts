import { ContextError } from '../msgs/context-error.js';

/** Base of every error that `training/` throws on purpose; the message says what was expected and what to do. */
export class TrainingError extends ContextError {
  /** `TrainingError`. */
  override readonly name = 'TrainingError';
}
