import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import { customGradient } from '../ops/custom-gradient.js';
import { axisWeights } from '../ops/resize-weights.js';

/**
 * Bilinear upsampling by a whole factor: [B, H, W, C] -> [B, factor H, factor W, C]. The borders of the images are mapped
 * onto each other (half-pixel centres), or with `alignCorners` the centres of their corner pixels: PyTorch's
 * `interpolate(mode='bilinear', align_corners=...)`. With `halfPixels` false the first pixels lie on each other, and pixel
 * p of the result at p / factor.
 *
 * The gradient is R_y^T dy R_x with the interpolation matrices of both axes. It is written out here because
 * TensorFlow.js 4.22's own is wrong with half-pixel centres, and for pictures that are not square.
 */
export function upsampleBilinear(
  x: tf.Tensor4D,
  factor: number,
  { alignCorners = false, halfPixels = true }: { alignCorners?: boolean; halfPixels?: boolean } = {},
): tf.Tensor4D {
  const centres = halfPixels && !alignCorners;
  assertShape(x, ['B', 'H', 'W', 'C'], 'x');
  if (factor === 1) return x;
  const [batch, height, width, channels] = x.shape;
  const [toHeight, toWidth] = [height * factor, width * factor];
  return customGradient<[tf.Tensor4D], tf.Tensor4D>([x], (_, input) => ({
    value: tf.image.resizeBilinear(input, [toHeight, toWidth], alignCorners, centres),
    gradient: (dy) => {
      const matrix = (from: number, to: number): tf.Tensor3D =>
        tf.tensor3d(axisWeights('bilinear', from, to, alignCorners, centres), [1, to, from]);
      const planes = dy.transpose([0, 3, 1, 2]).reshape<tf.Tensor3D>([batch * channels, toHeight, toWidth]);
      const rows = tf.matMul(matrix(height, toHeight), planes, true, false);
      return tf
        .matMul(rows, matrix(width, toWidth))
        .reshape<tf.Tensor4D>([batch, channels, height, width])
        .transpose([0, 2, 3, 1]);
    },
  }));
}
