import * as tf from '@tensorflow/tfjs';
import { scaleGradient } from './scale-gradient.js';

/**
 * Gradient reversal: identity whose gradient is multiplied by -strength, so that what lies before it learns to mislead
 * the classifier that lies behind it.
 * @param strength lambda >= 0: a number, or a scalar tensor where it grows from step to step (a trace freezes numbers;
 *   see `reversal-strength.ts`).
 * Source: Ganin and Lempitsky 2015, section 3.1; DA-Monodepth, section 3.1.
 */
export function reverseGradient<T extends tf.Tensor>(x: T, strength: number | tf.Scalar = 1): T {
  return scaleGradient(x, typeof strength === 'number' ? -strength : tf.neg(strength));
}
