import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { assertShape } from '../ops/assert-shape.js';
import { absolute } from './absolute.js';

export interface L1Selection {
  /** [B, H, W, 1], weight of each pixel, 0..1; left out: 1 everywhere. */
  readonly valid?: tf.Tensor4D;
  /** Only pixels whose truth lies above the first and at or below the second number count, in the truth's unit. */
  readonly range?: readonly [above: number, atMost: number];
}

/**
 * Mean |predicted - truth| over the pixels that count; 0 where none does.
 *
 * @param predicted [B, H, W, C], any unit.
 * @param truth [B, H, W, C], the same unit; any finite number where it does not count. For a range C is 1.
 * @throws TrainingError when the shapes differ or the range is empty.
 * Source: adversarial-depth, eq. 2; S2R-DepthNet, eq. 1 and 3, with the mean for the sum; ranges as in the evaluation of depth (0 < truth <= cap).
 */
export function maskedL1Loss(
  predicted: tf.Tensor4D,
  truth: tf.Tensor4D,
  { valid, range }: L1Selection = {},
): tf.Scalar {
  const sizes = assertShape(predicted, ['B', 'H', 'W', 'C'], 'predicted');
  assertShape(truth, ['B', 'H', 'W', 'C'], 'truth', sizes);
  if (valid !== undefined) assertShape(valid, ['B', 'H', 'W', 1], 'valid', sizes);
  const error = absolute(predicted.sub<tf.Tensor4D>(truth));
  const weights = range === undefined ? valid : within(truth, range, valid);
  if (weights === undefined) return error.mean();
  const count = tf.maximum(weights.sum().mul(error.shape[3]), 1e-6);
  return error.mul(weights).sum<tf.Scalar>().div(count);
}

function within(
  truth: tf.Tensor4D,
  [above, atMost]: readonly [number, number],
  valid: tf.Tensor4D | undefined,
): tf.Tensor4D {
  assertShape(truth, ['B', 'H', 'W', 1], 'truth');
  if (!(above < atMost))
    throw new TrainingError(
      `range: expected \`[above, atMost]\` with above < atMost, got [${above}, ${atMost}]`,
    );
  const inside = tf.logicalAnd(truth.greater(above), truth.lessEqual(atMost)).toFloat() as tf.Tensor4D; // keeps the rank
  return valid === undefined ? inside : inside.mul(valid);
}
