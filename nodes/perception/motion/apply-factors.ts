import { MessageError } from '../../../msgs/errors.js';
import { imageCodec } from '../../../msgs/image.js';
import { pointCloud2Codec } from '../../../msgs/point-cloud2.js';
import { cloudWords } from '../obstacles/cloud-words.js';
import { type DepthFactors, eachFactorRow } from './depth-factors.js';

const MOST_MILLIMETRES = 65535;

/** Multiplies a depth message of this project, 32FC1 or 16UC1 (0 stays 0, as does what no longer fits), in place. */
export function applyToDepth(cdr: Uint8Array, factors: DepthFactors): void {
  const { height, width, encoding, data } = imageCodec.decode(cdr);
  const picture = { height, width, stride: 1 };
  if (encoding === '32FC1') {
    const depth = new Float32Array(data.buffer, data.byteOffset, height * width);
    eachFactorRow(factors, picture, (row, values) => {
      const start = row * width;
      for (let x = 0; x < width; x++) depth[start + x] = (depth[start + x] as number) * (values[x] as number);
    });
    return;
  }
  if (encoding !== '16UC1')
    throw new MessageError(`expected depth as \`32FC1\` or \`16UC1\`, got ${encoding}`);
  const depth = new Uint16Array(data.buffer, data.byteOffset, height * width);
  eachFactorRow(factors, picture, (row, values) => {
    const start = row * width;
    for (let x = 0; x < width; x++) {
      const value = Math.round((depth[start + x] as number) * (values[x] as number));
      depth[start + x] = value > MOST_MILLIMETRES ? 0 : value;
    }
  });
}

/**
 * Moves the points of an organised cloud of this project along their rays, in place.
 * @param image size of the picture, of which every `stride`-th pixel of every `stride`-th row is a point.
 */
export function applyToPoints(
  cdr: Uint8Array,
  factors: DepthFactors,
  image: { readonly height: number; readonly width: number; readonly stride: number },
): void {
  const cloud = pointCloud2Codec.decode(cdr);
  const { floats } = cloudWords(cloud);
  const words = cloud.point_step / 4;
  eachFactorRow(factors, image, (row, values) => {
    let at = row * cloud.width * words;
    for (let x = 0; x < cloud.width; x++, at += words) {
      const factor = values[x] as number;
      floats[at] = (floats[at] as number) * factor;
      floats[at + 1] = (floats[at + 1] as number) * factor;
      floats[at + 2] = (floats[at + 2] as number) * factor;
    }
  });
}
