import { MessageError } from './errors.js';
import type { Image } from './image.js';
import { type ImageEncoding, imageEncoding, SUPPORTED_ENCODINGS } from './image-encoding.js';
import { imagePlanes } from './image-planes.js';

/**
 * Checks that the fields of an image agree with each other, so that later stages may index its data freely.
 *
 * Data beyond the last row are ignored.
 * @returns the encoding's entry
 */
export function validateImage(image: Image): ImageEncoding {
  const { width, height, step, data } = image;
  const what = `image in frame \`${image.header.frame_id}\``;
  if (width === 0 || height === 0) {
    throw new MessageError(`${what}: expected \`width\` and \`height\` above 0, got ${width} x ${height}`);
  }
  const encoding = imageEncoding(image.encoding);
  if (encoding === undefined) {
    throw new MessageError(
      `${what}: ${unknown(image.encoding)}; supported: ${SUPPORTED_ENCODINGS.join(', ')}`,
    );
  }
  const { bytesPerPixel, pixelsPerGroup } = encoding;
  const rowBytes = Math.ceil(width / pixelsPerGroup) * pixelsPerGroup * bytesPerPixel;
  if (step < rowBytes) {
    const groups = width % pixelsPerGroup === 0 ? '' : ', in whole pairs';
    throw new MessageError(
      `${what}: expected \`step\` of at least ${rowBytes} (${width} pixels of ${encoding.name}${groups}), got ${step}`,
    );
  }
  try {
    imagePlanes(encoding, image, data.length);
  } catch (cause) {
    throw new MessageError(`${what}: ${(cause as MessageError).message}`, { cause });
  }
  return encoding;
}

/** Names like cv_bridge's `32FC3`: numbers of which nobody said that they are colours. */
const NUMBERS = /^(8|16|32|64)([USF])C\d+$/i;

function unknown(encoding: string): string {
  return NUMBERS.test(encoding)
    ? `\`encoding\` "${encoding}" is numbers, no picture`
    : `unknown \`encoding\` "${encoding.slice(0, 60)}"`;
}
