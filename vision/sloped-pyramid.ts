import type { RgbPicture } from '../msgs/picture/rgb-picture.js';

/** One level of a pyramid; arrays are [height, width]. */
export interface GreyLevel {
  readonly width: number;
  readonly height: number;
  /** 0..1. */
  readonly grey: Float32Array;
  /** Central differences, per pixel; 0 at the border. */
  readonly byColumn: Float32Array;
  readonly byRow: Float32Array;
}

/** Share of red, green, blue. Source: ITU-R BT.601. */
const LUMA = [0.299, 0.587, 0.114] as const;

/** Fewer rows show nothing that could be aligned. */
const LEAST_HEIGHT = 9;

/**
 * The picture in grey at 1, 1/2, 1/4, ... of its size (rounded down); every level the mean of 2x2 pixels of the one before.
 * @param levels at most; levels that would be lower than 9 rows are left out.
 */
export function greyPyramid({ width, height, rgb }: RgbPicture, levels: number): GreyLevel[] {
  const grey = new Float32Array(width * height);
  for (let i = 0; i < grey.length; i++) {
    grey[i] =
      (LUMA[0] * (rgb[3 * i] ?? 0) + LUMA[1] * (rgb[3 * i + 1] ?? 0) + LUMA[2] * (rgb[3 * i + 2] ?? 0)) / 255;
  }
  const pyramid = [withSlopes(grey, width, height)];
  for (let level = 1; level < levels && height >> level >= LEAST_HEIGHT; level++) {
    const { grey: finer, width: w, height: h } = pyramid[level - 1] as GreyLevel; // pushed before
    pyramid.push(withSlopes(halved(finer, w, h), w >> 1, h >> 1));
  }
  return pyramid;
}

/** The mean of 2x2 pixels; an odd last row or column is dropped. */
export function halved(values: Float32Array, width: number, height: number): Float32Array {
  const [w, h] = [width >> 1, height >> 1];
  const half = new Float32Array(w * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const i = 2 * y * width + 2 * x;
      half[y * w + x] =
        ((values[i] ?? 0) + (values[i + 1] ?? 0) + (values[i + width] ?? 0) + (values[i + width + 1] ?? 0)) /
        4;
    }
  }
  return half;
}

function withSlopes(grey: Float32Array, width: number, height: number): GreyLevel {
  const byColumn = new Float32Array(grey.length);
  const byRow = new Float32Array(grey.length);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      byColumn[i] = ((grey[i + 1] ?? 0) - (grey[i - 1] ?? 0)) / 2;
      byRow[i] = ((grey[i + width] ?? 0) - (grey[i - width] ?? 0)) / 2;
    }
  }
  return { width, height, grey, byColumn, byRow };
}
