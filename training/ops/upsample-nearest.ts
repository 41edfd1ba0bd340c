import * as tf from '@tensorflow/tfjs';
import { customGradient } from './custom-gradient.js';

/**
 * Nearest-neighbour upsampling by a whole factor: [B, H, W, C] -> [B, factor H, factor W, C].
 *
 * The gradient sums each factor x factor block of `dy`. It is written out here because TensorFlow.js 4.22's own is
 * wrong for B > 1 on its cpu backend.
 */
export function upsampleNearest(x: tf.Tensor4D, factor: number): tf.Tensor4D {
  return customGradient<[tf.Tensor4D], tf.Tensor4D>([x], (_, image) => {
    const [, height, width] = image.shape;
    return {
      value: tf.image.resizeNearestNeighbor(image, [height * factor, width * factor]),
      gradient: (dy) => tf.avgPool(dy, factor, factor, 'valid').mul<tf.Tensor4D>(factor * factor),
    };
  });
}
