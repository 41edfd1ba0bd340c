import { type RgbPicture, rgbPicture } from '../../../msgs/picture/rgb-picture.js';
import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';

/** Relative error drawn in full red. */
const WORST = 0.5;
const NO_PREDICTION = [255, 0, 255] as const;

/**
 * Draws |p - t| / t at the true pixels over the darkened camera image. It is green at 0, yellow 0.25, red 0.5 and more,
 * magenta where the prediction is not finite. Each pixel becomes a dot of 3 x 3 so that one can see sparse truth.
 * @param camera picture of the truth's size.
 * @param predictedMeters [height, width], already scaled.
 */
export function depthErrorPicture(
  camera: RgbPicture,
  truth: SparseDepth,
  predictedMeters: ArrayLike<number>,
  capMeters: number,
): RgbPicture {
  const picture = rgbPicture(camera.width, camera.height);
  for (let i = 0; i < picture.rgb.length; i++) picture.rgb[i] = (camera.rgb[i] ?? 0) * 0.35;
  for (let i = 0; i < truth.depthMeters.length; i++) {
    const depth = truth.depthMeters[i] ?? Number.NaN;
    if (!(depth < capMeters)) continue;
    const row = truth.rows[i] ?? 0;
    const column = truth.columns[i] ?? 0;
    const predicted = predictedMeters[row * truth.width + column] ?? Number.NaN;
    const finite = predicted > 0 && predicted < Number.POSITIVE_INFINITY;
    const error = Math.min(1, Math.abs(Math.min(capMeters, predicted) - depth) / depth / WORST);
    dot(picture, column, row, finite ? errorColor(error) : NO_PREDICTION);
  }
  return picture;
}

function errorColor(error: number): readonly [number, number, number] {
  return [255 * Math.min(1, 2 * error), 210 * Math.min(1, 2 - 2 * error), 30];
}

function dot(
  picture: RgbPicture,
  column: number,
  row: number,
  color: readonly [number, number, number],
): void {
  for (let y = Math.max(0, row - 1); y <= Math.min(picture.height - 1, row + 1); y++) {
    for (let x = Math.max(0, column - 1); x <= Math.min(picture.width - 1, column + 1); x++) {
      picture.rgb.set(color, (y * picture.width + x) * 3);
    }
  }
}
