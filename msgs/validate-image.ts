import { MessageError } from './errors.js';
import type { Image } from './image.js';
import { type ImageEncoding, imageEncoding, SUPPORTED_ENCODINGS } from './image-encoding.js';

/**
 * Checks that the fields of an image agree with each other, so that later stages may index its data freely.
 *
 * Data beyond `step * height` are ignored.
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
      `${what}: unknown \`encoding\` "${image.encoding}"; supported: ${SUPPORTED_ENCODINGS.join(', ')}`,
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
  if (data.length < step * height) {
    throw new MessageError(
      `${what}: expected \`data\` of ${step * height} bytes (\`step\` ${step} times \`height\` ${height}), ` +
        `got ${data.length}`,
    );
  }
  return encoding;
}
