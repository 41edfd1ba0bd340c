import { MessageError } from '../errors.js';

/** A file that rxdepth was writing was moved, deleted or replaced meanwhile. Writers throw it; what they wrote is lost to that path. */
export class FileGoneError extends MessageError {
  /** `FileGoneError`. */
  override readonly name = 'FileGoneError';
}
