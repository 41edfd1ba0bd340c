import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import type { Random } from '../simulator/random.js';

/**
 * Dropout with a mask that the host draws for every step: a trace would freeze `tf.dropout`'s. Without a mask (after
 * training) it is the identity.
 * @param mask of x's shape, 0 where an element is dropped, else 1 / (1 - rate): see {@link drawDropoutMask}.
 * Source: Srivastava et al. 2014, in the "inverted" form that needs no scaling after training.
 */
export function dropout<T extends tf.Tensor>(x: T, mask: tf.Tensor | undefined): T {
  if (mask === undefined) return x;
  tf.util.assertShapesMatch(x.shape, mask.shape, 'dropout: ');
  return x.mul(mask);
}

/** Draws a mask in place: the same random generator gives the same mask. @param rate the share that is dropped, in [0, 1). */
export function drawDropoutMask(mask: Float32Array, rate: number, random: Random): void {
  if (!(rate >= 0 && rate < 1))
    throw new TrainingError(`dropout: expected a rate in \`[0, 1)\`, got ${rate}`);
  const kept = 1 / (1 - rate);
  for (let i = 0; i < mask.length; i++) mask[i] = random.uniform(0, 1) < rate ? 0 : kept;
}
