import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';

/** Keeps theta and its gradient finite at zero rotation; changes a rotation by less than 1e-8. */
const LEAST_SQUARE = 1e-8;

/**
 * Rigid transforms from axis-angle vectors and translations, by Rodrigues' formula:
 * R = I + sin(theta) / theta [a]x + (1 - cos(theta)) / theta^2 [a]x^2 with theta = |a|.
 *
 * @param vector [B, 6]: rotation vector a (radians), then translation t.
 * @param invert returns the inverse, [R^T, -R^T t], instead of [R, t].
 * @returns [B, 4, 4]. Smooth at zero rotation, where R = I + [a]x.
 * Source: SGDepth, section 3.1 (six degrees of freedom, after Zhou et al. 2017).
 */
export function poseFromVector(vector: tf.Tensor2D, invert = false): tf.Tensor3D {
  assertShape(vector, ['B', 6], 'vector');
  const [batch] = vector.shape;
  const at = (index: number): tf.Tensor2D => vector.slice([0, index], [batch, 1]);
  // R(-a) = R(a)^T.
  const axis = (index: number): tf.Tensor2D => (invert ? at(index).neg() : at(index));
  const [x, y, z] = [axis(0), axis(1), axis(2)];
  const [xx, yy, zz] = [x.square(), y.square(), z.square()];
  const theta = xx.add(yy).add(zz).add<tf.Tensor2D>(LEAST_SQUARE).sqrt();
  const a = theta.sin().div<tf.Tensor2D>(theta);
  // (1 - cos(theta)) / theta^2 without the difference of nearly equal numbers.
  const b = theta.mul(0.5).sin().div(theta).square().mul<tf.Tensor2D>(2);
  const diagonal = (p: tf.Tensor2D, q: tf.Tensor2D): tf.Tensor2D => tf.sub(1, b.mul(p.add(q)));
  const sum = (p: tf.Tensor2D, q: tf.Tensor2D, r: tf.Tensor2D): tf.Tensor2D =>
    b.mul(p).mul(q).add<tf.Tensor2D>(a.mul(r));
  const rows = [
    [diagonal(yy, zz), sum(x, y, z.neg()), sum(x, z, y)],
    [sum(x, y, z), diagonal(xx, zz), sum(y, z, x.neg())],
    [sum(x, z, y.neg()), sum(y, z, x), diagonal(xx, yy)],
  ] as const;
  const translation = [at(3), at(4), at(5)] as const;
  const entries = rows.flatMap((row, index) => {
    if (!invert) return [...row, translation[index] ?? translation[0]];
    const [p, q, r] = row.map((entry, column) => entry.mul<tf.Tensor2D>(translation[column] ?? entry));
    return [...row, tf.addN([p, q, r] as tf.Tensor2D[]).neg<tf.Tensor2D>()]; // a row has three entries
  });
  const last = tf.tensor2d([0, 0, 0, 1], [1, 4]).tile([batch, 1]);
  return tf.concat([...entries, last], 1).reshape([batch, 4, 4]);
}
