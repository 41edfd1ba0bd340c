import { MessageError } from '../errors.js';

/** A file disappeared while rxdepth was writing it. */
export class FileGoneError extends MessageError {
  override readonly name = 'FileGoneError';
}
