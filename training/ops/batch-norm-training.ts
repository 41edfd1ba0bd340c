import * as tf from '@tensorflow/tfjs';

export interface BatchNormResult {
  /** gamma (x - mean) / sqrt(variance + epsilon) + beta. */
  readonly output: tf.Tensor4D;
  /** Mean of the batch over [B, H, W]; no gradient flows through it. */
  readonly mean: tf.Tensor1D;
  /** Biased. */
  readonly variance: tf.Tensor1D;
}

/**
 * Batch normalisation with the statistics of the batch [B, H, W, C], gradients through the statistics included. Written
 * with its own gradient, which reads and writes the image-sized tensors half as often as the composed one does:
 * with xc = x - mean(x), s = gamma / sqrt(variance + epsilon), means over [B, H, W]:
 * dx = s (dy - mean(dy)) - xc s mean(dy xc) / (variance + epsilon).
 * Source: Ioffe and Szegedy 2015, section 3.
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
  const op = tf.customGrad((...inputs) => {
    const [, scale, offset] = inputs as unknown as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D];
    const save = inputs[inputs.length - 1] as unknown as tf.GradSaveFunc;
    save([centered, scale, variance]);
    const zero = tf.zerosLike(mean);
    return {
      value: tf.batchNorm(centered, zero, variance, offset, scale, epsilon),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [xc, factor, spread] = saved as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D];
        const gradient = dy as tf.Tensor4D;
        const inverse = spread.add<tf.Tensor1D>(epsilon).rsqrt();
        const meanDy = gradient.mean<tf.Tensor1D>(axes);
        const meanProduct = gradient.mul(xc).mean<tf.Tensor1D>(axes);
        const share = factor.mul(inverse.square()).mul<tf.Tensor1D>(inverse).mul<tf.Tensor1D>(meanProduct);
        const count = gradient.size / factor.size;
        return [
          tf.batchNorm(gradient, meanDy, spread, undefined, factor, epsilon).sub(xc.mul(share)),
          meanProduct.mul(inverse).mul(count),
          meanDy.mul(count),
        ];
      },
    };
  });
  return { output: op(x, gamma, beta) as tf.Tensor4D, mean, variance };
}
