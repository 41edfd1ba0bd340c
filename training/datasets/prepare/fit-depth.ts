import { TrainingError } from '../../errors.js';
import type { GrayPng } from '../files/read-gray-png.js';
import type { PictureFit } from './fit-picture.js';

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * True depths as a fitted picture shows them, [H, W] metres, NaN where nothing is known, +Infinity where nothing is there. Where
 * several depths fall into a pixel, the one nearest to its centre counts. Nothing is filled in or averaged; truth that is coarser
 * than the picture stands for all the pixels that it covers.
 * @param depth [height, width], at a resolution of its own, of the whole of what the unfitted picture shows.
 */
export function fitDepth(depth: GrayPng<Float32Array>, fit: PictureFit): Float32Array {
  const { resized, window, width, height, lookups } = fit;
  const across = depth.width / resized.width;
  const down = depth.height / resized.height;
  const fitted = new Float32Array(width * height).fill(Number.NaN);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const u = ((lookups?.[2 * at] ?? window.left + x) + 0.5) * across - 0.5;
      const v = ((lookups?.[2 * at + 1] ?? window.top + y) + 0.5) * down - 0.5;
      fitted[at] = nearest(depth, u, v, Math.max(0.5, across / 2), Math.max(0.5, down / 2));
    }
  }
  return fitted;
}

/** @throws TrainingError when true depths are not of the picture's size. */
export function requireSameSize(depth: Size, picture: Size, where: string): void {
  if (depth.width === picture.width && depth.height === picture.height) return;
  throw new TrainingError(
    `${where}: expected true depth of \`${picture.width}x${picture.height}\`, the size of the pictures, got ${depth.width}x${depth.height}; register the depth to the camera first`,
  );
}

/** The known value nearest to (u, v), within so many columns and rows; NaN where there is none. */
function nearest(
  { values, width, height }: GrayPng<Float32Array>,
  u: number,
  v: number,
  columns: number,
  rows: number,
): number {
  let found = Number.NaN;
  let least = Number.POSITIVE_INFINITY;
  // A pixel covers (u - columns, u + columns]: of half an extent above a whole number it is one pixel.
  const first = Math.max(0, Math.ceil(u - columns));
  const last = Math.min(width - 1, Math.ceil(u + columns) - 1);
  const top = Math.max(0, Math.ceil(v - rows));
  const bottom = Math.min(height - 1, Math.ceil(v + rows) - 1);
  for (let row = top; row <= bottom; row++) {
    for (let column = first; column <= last; column++) {
      const value = values[row * width + column] ?? Number.NaN;
      const distance = (column - u) ** 2 + (row - v) ** 2;
      if (value > 0 && distance < least) [found, least] = [value, distance];
    }
  }
  return found;
}
