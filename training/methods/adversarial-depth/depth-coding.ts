import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../../errors.js';

/** How depth becomes what a network with tanh at its end gives, and back. */
export interface DepthCoding {
  /**
   * `linear`: -1 at 0 m, 1 at `maxMeters`, in the paper. `log`: -1 at `minMeters`, 1 at `maxMeters`, so that equal steps are
   * equal ratios.
   */
  readonly kind: 'linear' | 'log';
  readonly minMeters: number;
  readonly maxMeters: number;
}

/**
 * Depth in -1..1.
 * @param inverse 1/m, > 0, of any shape: what batches hold.
 * Source: adversarial-depth, section 3.2 ("normalized to be between [-1, 1]").
 */
export function encodeDepth<T extends tf.Tensor>(inverse: T, coding: DepthCoding): T {
  const { kind, minMeters, maxMeters } = checked(coding);
  if (kind === 'linear')
    return tf
      .reciprocal(inverse)
      .mul<T>(2 / maxMeters)
      .sub(1);
  // log(d / min) = -log(inverse * min)
  return tf
    .log(inverse.mul(minMeters))
    .mul<T>(-2 / Math.log(maxMeters / minMeters))
    .sub(1);
}

/** Depth in metres, at least `minMeters`. @param coded -1..1, of any shape. */
export function decodeDepth<T extends tf.Tensor>(coded: T, coding: DepthCoding): T {
  const { kind, minMeters, maxMeters } = checked(coding);
  const half = coded.add<T>(1).mul<T>(0.5);
  if (kind === 'linear') return tf.maximum(half.mul<T>(maxMeters), minMeters);
  return tf.exp(half.mul<T>(Math.log(maxMeters / minMeters))).mul<T>(minMeters);
}

function checked(coding: DepthCoding): DepthCoding {
  const { minMeters, maxMeters } = coding;
  if (minMeters > 0 && minMeters < maxMeters) return coding;
  throw new TrainingError(
    `depth: expected \`0 < minMeters < maxMeters\`, got ${minMeters} and ${maxMeters} metres`,
  );
}
