import * as tf from '@tensorflow/tfjs';
import { customGradient } from './custom-gradient.js';

export interface BatchNormResult {
  /** gamma (x - mean) / sqrt(variance + epsilon) + beta. */
  readonly output: tf.Tensor4D;
  /** Mean of the batch over [B, H, W]; no gradient flows through it. */
  readonly mean: tf.Tensor1D;
  /** Biased. */
  readonly variance: tf.Tensor1D;
}

/**
 * Batch normalisation with the statistics of the batch [B, H, W, C], gradients through the statistics included. Written with
 * its own gradient, which reads and writes the image-sized tensors half as often as the composed one does. With xc = x -
 * mean(x), s = gamma / sqrt(variance + epsilon), means over [B, H, W]: dx = s (dy - mean(dy)) - xc s mean(dy xc) / (variance
 * + epsilon). Source: Ioffe and Szegedy 2015, section 3.
 */
export function batchNormTraining(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
): BatchNormResult {
  const axes = [0, 1, 2];
  const mean = x.mean<tf.Tensor1D>(axes);
  const centered = x.sub<tf.Tensor4D>(mean);
  const variance = centered.square().mean<tf.Tensor1D>(axes);
  const output = customGradient<
    [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D],
    tf.Tensor4D,
    [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D]
  >([x, gamma, beta], (save, _, scale, offset) => {
    save(centered, scale, variance);
    const zero = tf.zerosLike(mean);
    return {
      value: tf.batchNorm(centered, zero, variance, offset, scale, epsilon),
      gradient: (dy, xc, factor, spread) => {
        const inverse = spread.add<tf.Tensor1D>(epsilon).rsqrt();
        const meanDy = dy.mean<tf.Tensor1D>(axes);
        const meanProduct = dy.mul(xc).mean<tf.Tensor1D>(axes);
        const share = factor.mul(inverse.square()).mul<tf.Tensor1D>(inverse).mul<tf.Tensor1D>(meanProduct);
        const count = dy.size / factor.size;
        return [
          tf.batchNorm(dy, meanDy, spread, undefined, factor, epsilon).sub(xc.mul(share)),
          meanProduct.mul(inverse).mul(count),
          meanDy.mul(count),
        ];
      },
    };
  });
  return { output, mean, variance };
}
