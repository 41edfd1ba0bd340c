import { MessageError } from '../errors.js';

/** Another process holds the lock of the file or folder. */
export class LockedError extends MessageError {
  /** `LockedError`. */
  override readonly name = 'LockedError';
}
