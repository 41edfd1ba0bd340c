import type * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';

/**
 * Mean of the photometric error of each image, over ALL its pixels, masked out or not: an image that is mostly masked
 * counts less.
 *
 * @param error [B, H, W, 1] of `minimumReprojection`.
 * @param mask mu_t [B, H, W, 1], 0 on dynamic-class pixels, else 1; left out: all ones.
 * @returns [B].
 * Source: SGDepth, eq. 3 without and eq. 9 with a mask.
 */
export function photometricLoss(error: tf.Tensor4D, mask?: tf.Tensor4D): tf.Tensor1D {
  const sizes = assertShape(error, ['B', 'H', 'W', 1], 'error');
  if (mask === undefined) return error.mean<tf.Tensor1D>([1, 2, 3]);
  assertShape(mask, ['B', 'H', 'W', 1], 'mask', sizes);
  return error.mul(mask).mean<tf.Tensor1D>([1, 2, 3]);
}
