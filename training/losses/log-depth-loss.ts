import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';

/** 1/m; keeps the logarithm of what is not valid finite, since 0 * infinity is NaN. */
const LEAST_DISPARITY = 1e-6;

/**
 * Supervised depth loss on log depth. mean |log d - log d*| + `gradientWeight` * the same of its differences between pixels
 * 1, 2, 4 and 8 apart, which sharpens edges and smooths surfaces.
 *
 * @param disparity predicted inverse depth [B, H, W, 1], 1/m, > 0.
 * @param trueDisparity [B, H, W, 1], 1/m, > 0; any number (0 too, but not NaN) where `valid` is 0.
 * @param valid [B, H, W, 1], weight of each pixel, 0..1.
 * @throws TrainingError when the shapes differ.
 * Source: after Eigen et al. 2014 (log space) and Ummenhofer et al. 2017 (scale-spaced differences).
 */
export function logDepthLoss(
  disparity: tf.Tensor4D,
  trueDisparity: tf.Tensor4D,
  valid: tf.Tensor4D,
  gradientWeight = 0.5,
): tf.Scalar {
  const sizes = assertShape(disparity, ['B', 'H', 'W', 1], 'disparity');
  assertShape(trueDisparity, ['B', 'H', 'W', 1], 'trueDisparity', sizes);
  assertShape(valid, ['B', 'H', 'W', 1], 'valid', sizes);
  const error = tf.log(disparity).sub<tf.Tensor4D>(tf.log(tf.maximum(trueDisparity, LEAST_DISPARITY)));
  const [batch, height, width] = error.shape;
  let loss = weightedMean(error.abs(), valid);
  for (const step of [1, 2, 4, 8]) {
    const at = (x: tf.Tensor4D, dy: number, dx: number, h: number, w: number) =>
      tf.slice4d(x, [0, dy, dx, 0], [batch, h, w, 1]);
    for (const [dy, dx] of [
      [step, 0],
      [0, step],
    ] as const) {
      const h = height - dy;
      const w = width - dx;
      if (h < 1 || w < 1) continue; // an image that small has no such pairs
      const difference = at(error, dy, dx, h, w)
        .sub(at(error, 0, 0, h, w))
        .abs();
      const both = at(valid, dy, dx, h, w).mul<tf.Tensor4D>(at(valid, 0, 0, h, w));
      loss = loss.add(weightedMean(difference, both).mul(gradientWeight / 4));
    }
  }
  return loss;
}

function weightedMean(values: tf.Tensor, weights: tf.Tensor): tf.Scalar {
  return values.mul(weights).sum<tf.Scalar>().div(weights.sum().add(1e-6));
}
