import { MessageError } from '../../../msgs/errors.js';
import { imageCodec } from '../../../msgs/image.js';
import { halfOfFloatBits, toHalf } from './half-float.js';
import type { Preview } from './preview.js';
import { sampledSize } from './sampled-size.js';

const MILLIMETRE = 0.001;

/**
 * A depth image, 32FC1 metres or 16UC1 millimetres, as half floats of every n-th pixel: NaN is invalid, +Inf too far.
 * @throws MessageError when it is no such image.
 */
export function depthPreview(cdr: Uint8Array): Preview {
  const { width: fullWidth, height: fullHeight, encoding, step, data, is_bigendian } = imageCodec.decode(cdr);
  const bytes = encoding === '32FC1' ? 4 : encoding === '16UC1' || encoding === 'mono16' ? 2 : 0;
  if (bytes === 0) throw new MessageError(`depth: expected \`32FC1\` or \`16UC1\`, got \`${encoding}\``);
  if (step < fullWidth * bytes || data.length < step * fullHeight)
    throw new MessageError(`depth: ${data.length} bytes are too few for ${fullWidth} x ${fullHeight} pixels`);
  const { every, width, height } = sampledSize({ width: fullWidth, height: fullHeight });
  const halves = new Uint16Array(width * height);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const little = is_bigendian === 0;
  let to = 0;
  for (let row = 0; row < fullHeight; row += every) {
    let at = row * step;
    for (let column = 0; column < width; column++, at += every * bytes) {
      if (bytes === 4) halves[to++] = halfOfFloatBits(view.getUint32(at, little));
      else {
        const value = view.getUint16(at, little);
        halves[to++] = toHalf(value === 0 ? Number.NaN : value * MILLIMETRE);
      }
    }
  }
  return { head: { format: 'half', width, height }, payload: new Uint8Array(halves.buffer) };
}
