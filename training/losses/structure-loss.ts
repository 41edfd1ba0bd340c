import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import { absolute } from './absolute.js';

export interface StructureLossOptions {
  /** beta of eq. 1: how fast structure gets free with the depth's gradient, in 1 / the unit of `depth`. */
  readonly beta: number;
  /** `sum`: |d_x D + d_y D|, as printed in eq. 1; `absolute`: |d_x D| + |d_y D|, as in the authors' code. */
  readonly gradient: 'sum' | 'absolute';
}

/**
 * Keeps the structure map small where the depth is smooth: mean |M_s| exp(-beta |d_x D + d_y D|) over the pixels that count.
 * It is 0 where none does. Gradients are differences to the next pixel, 0 at the last row and column, and where either
 * pixel's depth is unknown.
 *
 * @param structure M_s [B, H, W, 1].
 * @param depth D [B, H, W, 1], any unit; any finite number where it is unknown.
 * @param known [B, H, W, 1], 1 where the depth is known, else 0.
 * @throws TrainingError when the shapes differ.
 * Source: S2R-DepthNet, eq. 1, second term, with the mean for the sum as in its code.
 */
export function structureLoss(
  structure: tf.Tensor4D,
  depth: tf.Tensor4D,
  known: tf.Tensor4D,
  { beta, gradient }: StructureLossOptions,
): tf.Scalar {
  const sizes = assertShape(structure, ['B', 'H', 'W', 1], 'structure');
  assertShape(depth, ['B', 'H', 'W', 1], 'depth', sizes);
  assertShape(known, ['B', 'H', 'W', 1], 'known', sizes);
  const x = difference(depth, known, 2);
  const y = difference(depth, known, 1);
  const steepness = gradient === 'sum' ? x.add<tf.Tensor4D>(y).abs() : x.abs().add<tf.Tensor4D>(y.abs());
  const weight = steepness.mul(-beta).exp().mul<tf.Tensor4D>(known);
  return absolute(structure).mul(weight).sum<tf.Scalar>().div(tf.maximum(known.sum(), 1e-6));
}

/** To the next pixel along an axis, of the same shape. */
function difference(depth: tf.Tensor4D, known: tf.Tensor4D, axis: 1 | 2): tf.Tensor4D {
  const after = (x: tf.Tensor4D) => {
    const begin: [number, number, number, number] = [0, 0, 0, 0];
    begin[axis] = 1;
    const extent: [number, number, number, number] = [...x.shape];
    extent[axis] -= 1;
    const paddings: [number, number][] = [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
    ];
    paddings[axis] = [0, 1];
    return tf.pad(tf.slice4d(x, begin, extent), paddings);
  };
  return after(depth).sub<tf.Tensor4D>(depth).mul(known).mul(after(known));
}
