import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';

/**
 * Points in another coordinate system: R p + t.
 *
 * @param points [B, H, W, 3] in the coordinate system of `source`.
 * @param targetFromSource rigid transforms [B, 4, 4]; their last row is not read.
 * @returns [B, H, W, 3] in the coordinate system of `target`.
 * Source: SGDepth, eq. 1, middle part.
 */
export function transformPoints(points: tf.Tensor4D, targetFromSource: tf.Tensor3D): tf.Tensor4D {
  const sizes = assertShape(points, ['B', 'H', 'W', 3], 'points');
  assertShape(targetFromSource, ['B', 4, 4], 'targetFromSource', sizes);
  const [batch, height, width] = points.shape;
  const rotation = targetFromSource.slice([0, 0, 0], [batch, 3, 3]);
  const translation = targetFromSource.slice([0, 0, 3], [batch, 3, 1]);
  // Coordinates before pixels: one matrix product, and the order in which compiled graphs hold images anyway.
  const columns = points.transpose([0, 3, 1, 2]).reshape<tf.Tensor3D>([batch, 3, height * width]);
  return tf
    .matMul(rotation, columns)
    .add(translation)
    .reshape<tf.Tensor4D>([batch, 3, height, width])
    .transpose([0, 2, 3, 1]);
}
