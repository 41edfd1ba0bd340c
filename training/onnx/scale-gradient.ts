import * as tf from '@tensorflow/tfjs';

/**
 * Identity whose gradient is multiplied by `factor`.
 * Source: SGDepth, eq. 6 (after the gradient reversal layer of Ganin and Lempitsky 2015).
 */
export function scaleGradient<T extends tf.Tensor>(x: T, factor: number): T {
  const op = tf.customGrad((input) => ({
    value: (input as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => dy.mul(factor),
  }));
  return op(x) as T;
}
