import { MessageError } from '../errors.js';

/** Another process is at work where this one would be. */
export class LockedError extends MessageError {
  override readonly name = 'LockedError';
}
