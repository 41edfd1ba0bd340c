import { ContextError } from './context-error.js';

/** Base of every error that `msgs/` throws on purpose; the message says what was expected and what to do. */
export class MessageError extends ContextError {
  /** `MessageError`, or the name of the class that extends it. */
  override readonly name: 'MessageError' | 'FileGoneError' | 'LockedError' = 'MessageError';
}
