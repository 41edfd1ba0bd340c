import type { Image } from '../../../msgs/image.js';
import { TrainingError } from '../../errors.js';

/**
 * Depth in metres of a 32FC1 or 16UC1 (millimetres, 0 = invalid) image: [height, width], NaN = invalid, +Inf = far.
 *
 * Row padding, byte order and unaligned data are dealt with. Source: REP 117, REP 118.
 * @throws TrainingError for other encodings and for data shorter than height * step.
 */
export function depthOfImage(image: Image, topic: string): Float32Array {
  const { width, height, step, encoding, data } = image;
  const pixelBytes = encoding === '32FC1' ? 4 : 2;
  if (encoding !== '32FC1' && encoding !== '16UC1') {
    throw new TrainingError(`${topic}: expected depth as \`32FC1\` or \`16UC1\`, got \`${encoding}\`.`, {
      topic,
    });
  }
  if (step < width * pixelBytes || data.byteLength < step * height) {
    throw new TrainingError(
      `${topic}: a ${width} x ${height} ${encoding} image needs rows of at least \`${width * pixelBytes}\` bytes, got step \`${step}\` and \`${data.byteLength}\` bytes.`,
      { topic },
    );
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const littleEndian = image.is_bigendian === 0;
  const depth = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const offset = row * step + column * pixelBytes;
      if (pixelBytes === 4) {
        depth[row * width + column] = view.getFloat32(offset, littleEndian);
      } else {
        const millimetres = view.getUint16(offset, littleEndian);
        depth[row * width + column] = millimetres === 0 ? Number.NaN : millimetres / 1000;
      }
    }
  }
  return depth;
}
