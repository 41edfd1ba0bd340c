import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import { stopGradient } from '../ops/stop-gradient.js';

/** Depth within 25 % of the truth, either way: delta1 of the usual metrics. */
export const CONFIDENT_RATIO = 1.25;
const TOLERANCE = Math.log(CONFIDENT_RATIO);
/** 1/m; keeps the logarithm of what is not valid finite, since 0 * infinity is NaN. */
const LEAST_DISPARITY = 1e-6;
/** Least inverse scale, which keeps its logarithm finite. */
const LEAST_RATE = 1e-4;

/**
 * Teaches a confidence what the depth beside it is worth. With e = |log d - log d*| and t = log 1.25, the error is taken as
 * Laplace distributed with scale b = t / softplus(x). So sigmoid(x) = 1 - exp(-t / b) is the probability of e < t. The loss
 * is its negative log-likelihood, e / b + log b, and the binary cross-entropy of sigmoid(x) and (e < t), in equal parts. The
 * former orders errors of all sizes, the latter makes the probability come true.
 *
 * No gradient reaches the disparity.
 * @param logits x [B, H, W, 1].
 * @param disparity predicted inverse depth [B, H, W, 1], 1/m, > 0.
 * @param trueDisparity [B, H, W, 1], 1/m, > 0; any number (0 too, but not NaN) where `valid` is 0.
 * @param valid [B, H, W, 1], weight of each pixel, 0..1.
 * @throws TrainingError when the shapes differ.
 * Source of the likelihood: Kendall and Gal 2017, section 3.1, with Laplace's law.
 */
export function confidenceLoss(
  logits: tf.Tensor4D,
  disparity: tf.Tensor4D,
  trueDisparity: tf.Tensor4D,
  valid: tf.Tensor4D,
): tf.Scalar {
  const sizes = assertShape(logits, ['B', 'H', 'W', 1], 'logits');
  assertShape(disparity, ['B', 'H', 'W', 1], 'disparity', sizes);
  assertShape(trueDisparity, ['B', 'H', 'W', 1], 'trueDisparity', sizes);
  assertShape(valid, ['B', 'H', 'W', 1], 'valid', sizes);
  const truth = tf.log(tf.maximum(trueDisparity, LEAST_DISPARITY));
  const error = stopGradient(tf.log(disparity).sub<tf.Tensor4D>(truth).abs());
  const rate = tf.softplus(logits);
  const likelihood = error
    .mul(rate)
    .div(TOLERANCE)
    .sub(tf.log(rate.add(LEAST_RATE)));
  const within = tf.step(tf.neg(error).add(TOLERANCE));
  // softplus(x) - y x = -y log sigmoid(x) - (1 - y) log(1 - sigmoid(x))
  const entropy = rate.sub(within.mul(logits));
  return likelihood.add(entropy).mul(valid).sum<tf.Scalar>().div(valid.sum().add(1e-6));
}
