import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import { absolute } from './absolute.js';

/** Keeps the mean of the disparity from being zero. */
const EPSILON = 1e-7;

/**
 * Edge-aware smoothness of the mean-normalised disparity rho / <rho>: <|d_h rho| exp(-|d_h x|)> + <|d_w rho| exp(-|d_w x|)>.
 * There |d x| is averaged over the channels. <> is taken over the differences that exist: H - 1 rows, W - 1 columns.
 *
 * @param disparity [B, H, W, 1], > 0, any unit: it is divided by each image's mean.
 * @param image [B, H, W, C], values 0..1, without colour augmentation. H and W at least 2.
 * @returns [B].
 * Source: SGDepth, eq. 4.
 */
export function smoothnessLoss(disparity: tf.Tensor4D, image: tf.Tensor4D): tf.Tensor1D {
  assertShape(image, ['B', 'H', 'W', 'C'], 'image', assertShape(disparity, ['B', 'H', 'W', 1], 'disparity'));
  const normalised = disparity.div<tf.Tensor4D>(disparity.mean([1, 2], true).add(EPSILON));
  const along = (axis: 1 | 2): tf.Tensor1D => {
    const weight = difference(image, axis).abs().mean(3, true).neg().exp();
    return absolute(difference(normalised, axis)).mul(weight).mean<tf.Tensor1D>([1, 2, 3]);
  };
  return along(1).add(along(2));
}

/** x at the next pixel along `axis` minus x, where there is a next pixel. */
function difference(x: tf.Tensor4D, axis: 1 | 2): tf.Tensor4D {
  const extent: [number, number, number, number] = [...x.shape];
  extent[axis] -= 1;
  const next: [number, number, number, number] = [0, 0, 0, 0];
  next[axis] = 1;
  return tf.slice4d(x, next, extent).sub(tf.slice4d(x, [0, 0, 0, 0], extent));
}
