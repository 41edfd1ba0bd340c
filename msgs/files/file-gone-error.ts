import { MessageError } from '../errors.js';

/** A file that is being written is not at its place any more. */
export class FileGoneError extends MessageError {
  override readonly name = 'FileGoneError';
}
