import { stat } from 'node:fs/promises';
import { messageOf } from '../../../msgs/message-of.js';
import { firstLine } from './first-line.js';

/**
 * Why a picture file cannot be read, for people: a decoder calls an empty file, as an interrupted copy leaves it, an
 * unsupported format.
 * @param cause what the decoder threw.
 */
export async function unreadableReason(file: string, cause: unknown): Promise<string> {
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
  if (size === 0) return 'it is empty (0 bytes)';
  const reason = firstLine(messageOf(cause));
  return /unsupported image format/i.test(reason)
    ? `its ${size === undefined ? 'data are' : `${size} bytes are`} no picture of a known format, or only its begin`
    : reason;
}
