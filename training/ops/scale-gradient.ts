import * as tf from '@tensorflow/tfjs';

/**
 * Identity whose gradient is multiplied by `factor`: a number, or a scalar tensor where it changes from step to step
 * (a trace freezes numbers). Negative factors are gradient reversal.
 * Source: SGDepth, eq. 6; gradient reversal: Ganin and Lempitsky 2015, section 3.1.
 */
export function scaleGradient<T extends tf.Tensor>(x: T, factor: number | tf.Scalar): T {
  const op = tf.customGrad((...inputs) => {
    const [input, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    save([tf.scalar(1).mul(factor)]); // what the function's forward pass made is gone in its backward pass
    return {
      value: input.clone(),
      gradFunc: (dy: tf.Tensor, [kept]: tf.Tensor[]) => dy.mul(kept),
    };
  });
  return op(x) as T;
}
