import * as tf from '@tensorflow/tfjs';

/**
 * Largest difference between the gradient that TensorFlow.js computes for `loss` at `at` and central differences, in
 * units of the largest gradient.
 */
export function gradientError(loss: (x: tf.Tensor) => tf.Scalar, at: tf.Tensor, delta = 1e-2): number {
  return tf.tidy(() => {
    const exact = tf.grad(loss)(at).dataSync();
    const values = at.dataSync();
    const value = (index: number, change: number) => {
      const moved = Float32Array.from(values);
      moved[index] += change;
      return loss(tf.tensor(moved, at.shape)).dataSync()[0];
    };
    let worst = 0;
    for (let i = 0; i < values.length; i++) {
      const numeric = (value(i, delta) - value(i, -delta)) / (2 * delta);
      worst = Math.max(worst, Math.abs(numeric - exact[i]));
    }
    return worst / Math.max(...exact.map(Math.abs));
  });
}
