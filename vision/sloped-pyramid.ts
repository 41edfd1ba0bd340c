import type { RgbPicture } from '../msgs/picture/rgb-picture.js';
import { type GreyLevel, greyPyramid } from './grey-pyramid.js';

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
