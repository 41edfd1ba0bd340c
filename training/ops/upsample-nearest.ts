import * as tf from '@tensorflow/tfjs';

/**
 * Nearest-neighbour upsampling by a whole factor: [B, H, W, C] -> [B, factor H, factor W, C].
 *
 * The gradient sums each factor x factor block of `dy`. It is written out here because TensorFlow.js 4.22's own is
 * wrong for B > 1 on its cpu backend.
 */
export function upsampleNearest(x: tf.Tensor4D, factor: number): tf.Tensor4D {
  const op = tf.customGrad((input) => {
    const image = input as tf.Tensor4D;
    const [, height, width] = image.shape;
    return {
      value: tf.image.resizeNearestNeighbor(image, [height * factor, width * factor]),
      gradFunc: (dy: tf.Tensor) =>
        tf.avgPool(dy as tf.Tensor4D, factor, factor, 'valid').mul<tf.Tensor4D>(factor * factor),
    };
  });
  return op(x) as tf.Tensor4D;
}
