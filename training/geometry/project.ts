import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';

/** Points nearer than this, or behind the camera, are projected as if they were here: far outside the image. */
const NEAREST = 1e-3;
/** Bounds the clamp of z above; no point is that far away. */
const FARTHEST = 1e9;

/**
 * The pixels at which a camera sees points: u = fx x / z + cx, v = fy y / z + cy.
 *
 * @param points [B, H, W, 3] in the camera's coordinate system: x right, y down, z forward.
 * @param intrinsics [B, 4]: fx, fy, cx, cy in pixels, pixel centres at integers.
 * @returns [B, H, W, 2]: u, v, not limited to the image. z is clamped to 1e-3 or more, with no gradient to it below.
 * Source: SGDepth, eq. 1, left part.
 */
export function project(points: tf.Tensor4D, intrinsics: tf.Tensor2D): tf.Tensor4D {
  const sizes = assertShape(points, ['B', 'H', 'W', 3], 'points');
  assertShape(intrinsics, ['B', 4], 'intrinsics', sizes);
  const [batch, height, width] = points.shape;
  const intrinsic = (index: number) => intrinsics.slice([0, index], [batch, 1]).reshape([batch, 1, 1, 1]);
  const [x, y, z] = [0, 1, 2].map((axis) => tf.slice4d(points, [0, 0, 0, axis], [batch, height, width, 1]));
  const depth = tf.clipByValue(z, NEAREST, FARTHEST);
  const pixel = (coordinate: tf.Tensor4D, focal: number, centre: number) =>
    coordinate.div(depth).mul(intrinsic(focal)).add<tf.Tensor4D>(intrinsic(centre));
  return tf.concat([pixel(x, 0, 2), pixel(y, 1, 3)], 3);
}
