import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import { stopGradient } from '../ops/stop-gradient.js';
import { absolute } from './absolute.js';

/** c as a share of the largest error. */
const THRESHOLD_SHARE = 0.2;
/** Keeps c from being zero where every prediction is right. */
const LEAST_THRESHOLD = 1e-12;

/**
 * Reverse Huber loss, the mean over the valid pixels of the whole batch; 0 without any. |e| where |e| <= c, else (e^2 + c^2)
 * / (2 c). There e = predicted - truth and c = 0.2 max |e| of the valid pixels. No gradient flows through c.
 *
 * @param predicted inverse depth [B, H, W, 1], any unit.
 * @param truth [B, H, W, 1], the same unit; any finite number where `valid` is 0.
 * @param valid [B, H, W, 1], 1 where the truth is known, else 0; left out: everywhere.
 * @throws TrainingError when the shapes differ.
 * Source: DADA, eq. 2 and 3 (after Laina et al. 2016), with the mean that its authors' code has in place of the sum.
 */
export function berhuLoss(predicted: tf.Tensor4D, truth: tf.Tensor4D, valid?: tf.Tensor4D): tf.Scalar {
  const sizes = assertShape(predicted, ['B', 'H', 'W', 1], 'predicted');
  assertShape(truth, ['B', 'H', 'W', 1], 'truth', sizes);
  if (valid !== undefined) assertShape(valid, ['B', 'H', 'W', 1], 'valid', sizes);
  const difference = predicted.sub<tf.Tensor4D>(truth);
  const error = absolute(valid === undefined ? difference : difference.mul<tf.Tensor4D>(valid));
  const c = tf.maximum(stopGradient(error).max().mul(THRESHOLD_SHARE), LEAST_THRESHOLD);
  // What is not valid has the error 0, which is at most c and adds nothing.
  // |e| + (|e| - c)^2 / (2 c) is (e^2 + c^2) / (2 c).
  const loss = error.add(tf.relu(error.sub(c)).square().div(c.mul(2)));
  return valid === undefined ? loss.mean() : loss.sum<tf.Scalar>().div(tf.maximum(valid.sum(), 1));
}
