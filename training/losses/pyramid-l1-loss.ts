import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { assertShape } from '../ops/assert-shape.js';
import { maskedL1Loss } from './masked-l1-loss.js';

/**
 * Sum over scales of the mean |predicted - truth|. At a coarser scale the truth is averaged over the pixels that one stands
 * for, as far as they are known.
 *
 * @param predicted [B, H / 2^s, W / 2^s, 1] with whole s, any unit, in any order.
 * @param truth [B, H, W, 1], the same unit; any finite number where it is unknown.
 * @param known [B, H, W, 1], 1 where the truth is known, else 0.
 * @throws TrainingError when a shape is none of these.
 * Source: S2R-DepthNet, eq. 3 and first term of eq. 1; four scales, and the mean for the sum, as in its code, which
 * interpolates the truth between its pixels.
 */
export function pyramidL1Loss(
  predicted: readonly tf.Tensor4D[],
  truth: tf.Tensor4D,
  known: tf.Tensor4D,
): tf.Scalar {
  const sizes = assertShape(truth, ['B', 'H', 'W', 1], 'truth');
  assertShape(known, ['B', 'H', 'W', 1], 'known', sizes);
  const [, height, width] = truth.shape;
  const losses = predicted.map((scale, index) => {
    const factor = height / scale.shape[1];
    if (!Number.isInteger(factor) || width / scale.shape[2] !== factor) {
      throw new TrainingError(
        `predicted[${index}]: expected 1/1, 1/2, 1/4 ... of \`${height}x${width}\`, got ${scale.shape[1]}x${scale.shape[2]}`,
      );
    }
    if (factor === 1) return maskedL1Loss(scale, truth, { valid: known });
    const mean = (x: tf.Tensor4D) => tf.avgPool(x, factor, factor, 'valid');
    const share = mean(known);
    const coarse = mean(truth.mul(known)).div<tf.Tensor4D>(tf.maximum(share, 1e-6));
    return maskedL1Loss(scale, coarse, { valid: share.greater(0).toFloat() as tf.Tensor4D }); // keeps the rank
  });
  return tf.addN(losses);
}
