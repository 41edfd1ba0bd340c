import type { Random } from '../../simulator/random.js';
import type { PlaneOptions } from '../batches/fill-picture.js';
import { stylise } from './stylise.js';

/** Stylises image `index` of a batch of normalised planes [B, 3, H, W] in place. */
export function stylisePlanes(
  planes: Float32Array,
  index: number,
  { width, height, mean, std }: PlaneOptions,
  random: Random,
): void {
  const count = width * height;
  const image = planes.subarray(index * 3 * count, (index + 1) * 3 * count);
  for (let c = 0; c < 3; c++) {
    for (let i = c * count; i < (c + 1) * count; i++) {
      const value = image[i] * (std[c] ?? 1) + (mean[c] ?? 0);
      image[i] = value < 0 ? 0 : Math.min(value, 1);
    }
  }
  stylise({ width, height, rgb: image }, random);
  for (let c = 0; c < 3; c++) {
    for (let i = c * count; i < (c + 1) * count; i++) image[i] = (image[i] - (mean[c] ?? 0)) / (std[c] ?? 1);
  }
}
