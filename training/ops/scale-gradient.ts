import * as tf from '@tensorflow/tfjs';
import { customGradient } from './custom-gradient.js';

/**
 * Identity whose gradient is multiplied by `factor`: a number, or a scalar tensor where it changes from step to step
 * (a trace freezes numbers). Negative factors are gradient reversal.
 * Source: SGDepth, eq. 6; gradient reversal: Ganin and Lempitsky 2015, section 3.1.
 */
export function scaleGradient<T extends tf.Tensor>(x: T, factor: number | tf.Scalar): T {
  return customGradient<[T], T, [tf.Tensor]>([x], (save, input) => {
    save(tf.scalar(1).mul(factor)); // what the function's forward pass made is gone in its backward pass
    return {
      value: input.clone(),
      gradient: (dy, kept) => dy.mul(kept),
    };
  });
}
