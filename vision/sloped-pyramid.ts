import type { RgbPicture } from '../msgs/picture/rgb-picture.js';
import { type GreyLevel, greyPyramid } from './grey-pyramid.js';
import type { GreySlopes } from './grey-slopes.js';

/** One level of a pyramid with its slopes; values 0..1. */
export interface SlopedLevel extends GreyLevel {
  /** Central differences, per pixel; 0 at the border. */
  readonly byColumn: Float32Array;
  readonly byRow: Float32Array;
}

/** Fewer rows show nothing that could be aligned. */
const LEAST_SIDE = 9;

/** The picture in grey, 0..1, at 1, 1/2, 1/4, ... of its size, with slopes. @param levels at most. */
export function slopedPyramid({ width, height, rgb }: RgbPicture, levels: number): SlopedLevel[] {
  return greyPyramid(rgb, height, width, levels, { white: 1, leastSide: LEAST_SIDE }).map(withSlopes);
}

function withSlopes(level: GreyLevel): SlopedLevel {
  const { width, height, data } = level;
  const byColumn = new Float32Array(data.length);
  const byRow = new Float32Array(data.length);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      byColumn[i] = ((data[i + 1] ?? 0) - (data[i - 1] ?? 0)) / 2;
      byRow[i] = ((data[i + width] ?? 0) - (data[i - width] ?? 0)) / 2;
    }
  }
  return { ...level, byColumn, byRow };
}

/**
 * Brightness and slopes between pixels, bilinearly. They are what `sampleSlopes` gives, from slopes that were computed
 * before, for pictures of which most pixels are asked for many times.
 * @param u, v the first `count` are read; within the picture by one pixel or more.
 */
export function sampleSlopedLevel(
  { width, data, byColumn, byRow }: SlopedLevel,
  count: number,
  u: Float64Array,
  v: Float64Array,
  { brightness, across, down }: GreySlopes,
): void {
  for (let k = 0; k < count; k++) {
    const column = (u[k] as number) | 0;
    const row = (v[k] as number) | 0;
    const s = row * width + column;
    const du = (u[k] as number) - column;
    const dv = (v[k] as number) - row;
    const w00 = (1 - du) * (1 - dv);
    const w01 = du * (1 - dv);
    const w10 = (1 - du) * dv;
    const w11 = du * dv;
    const under = s + width;
    brightness[k] =
      w00 * (data[s] as number) +
      w01 * (data[s + 1] as number) +
      w10 * (data[under] as number) +
      w11 * (data[under + 1] as number);
    across[k] =
      w00 * (byColumn[s] as number) +
      w01 * (byColumn[s + 1] as number) +
      w10 * (byColumn[under] as number) +
      w11 * (byColumn[under + 1] as number);
    down[k] =
      w00 * (byRow[s] as number) +
      w01 * (byRow[s + 1] as number) +
      w10 * (byRow[under] as number) +
      w11 * (byRow[under + 1] as number);
  }
}
