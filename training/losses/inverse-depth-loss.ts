import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import { reflectionPad } from '../ops/reflection-pad.js';
import { maskedL1Loss } from './masked-l1-loss.js';
import { ssimDistance } from './ssim.js';

/** A patch counts when all of its nine pixels do, up to rounding. */
const WHOLE = 0.999;

export interface InverseDepthLossOptions {
  /** lambda_1 of eq. 4, 0..1: share of the L1 loss; the rest is that of the structural difference. */
  readonly l1Share: number;
}

/**
 * Supervised loss of inverse depth: (1 - lambda_1) <(1 - SSIM) / 2> + lambda_1 <|y - y*|>, means over the pixels whose truth
 * is known. It is that of the first over those whose 3x3 patch is known, borders reflected. 0 where nothing is known.
 *
 * @param predicted inverse depth [B, H, W, 1], in a unit that keeps it in 0..1, for which SSIM's constants are made.
 * @param truth [B, H, W, 1], the same; any number in 0..1 where `known` is 0.
 * @param known [B, H, W, 1], 1 where the truth is known, else 0. H and W at least 2.
 * @throws TrainingError when the shapes differ.
 * Source: DA-Monodepth, eq. 2 and the first two terms of eq. 4, with means for sums.
 */
export function inverseDepthLoss(
  predicted: tf.Tensor4D,
  truth: tf.Tensor4D,
  known: tf.Tensor4D,
  { l1Share }: InverseDepthLossOptions,
): tf.Scalar {
  const sizes = assertShape(predicted, ['B', 'H', 'W', 1], 'predicted');
  assertShape(truth, ['B', 'H', 'W', 1], 'truth', sizes);
  assertShape(known, ['B', 'H', 'W', 1], 'known', sizes);
  const l1 = maskedL1Loss(predicted, truth, { valid: known });
  const whole = tf.avgPool(reflectionPad(known, 1), 3, 1, 'valid').greater(WHOLE).toFloat();
  const structure = ssimDistance(predicted, truth)
    .mul(whole)
    .sum<tf.Scalar>()
    .div<tf.Scalar>(tf.maximum(whole.sum(), 1e-6));
  return structure.mul(1 - l1Share).add(l1.mul(l1Share));
}
