import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';

/**
 * The points that the pixels of a depth map show: d K^-1 (u, v, 1)^T.
 *
 * @param depthMeters camera z [B, H, W, 1].
 * @param intrinsics [B, 4]: fx, fy, cx, cy in pixels of this image, pixel centres at integers.
 * @returns [B, H, W, 3]: x right, y down, z forward, in the unit of the depth.
 * Source: SGDepth, eq. 1, right part.
 */
export function backProject(depthMeters: tf.Tensor4D, intrinsics: tf.Tensor2D): tf.Tensor4D {
  const sizes = assertShape(depthMeters, ['B', 'H', 'W', 1], 'depthMeters');
  assertShape(intrinsics, ['B', 4], 'intrinsics', sizes);
  const [batch, height, width] = depthMeters.shape;
  const intrinsic = (index: number) => intrinsics.slice([0, index], [batch, 1]).reshape([batch, 1, 1, 1]);
  const u = tf.range(0, width).reshape<tf.Tensor4D>([1, 1, width, 1]);
  const v = tf.range(0, height).reshape<tf.Tensor4D>([1, height, 1, 1]);
  const rayX = u.sub<tf.Tensor4D>(intrinsic(2)).div<tf.Tensor4D>(intrinsic(0));
  const rayY = v.sub<tf.Tensor4D>(intrinsic(3)).div<tf.Tensor4D>(intrinsic(1));
  return tf.concat([depthMeters.mul<tf.Tensor4D>(rayX), depthMeters.mul<tf.Tensor4D>(rayY), depthMeters], 3);
}
