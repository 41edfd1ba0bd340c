import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';

const LUMA = [0.299, 0.587, 0.114] as const;
/** Keeps the root's gradient finite where nothing changes. */
const EPSILON = 1e-6;

/**
 * Steepness of a picture's brightness: |(G_x, G_y)| / 4 of Sobel's operator, borders repeated by reflection:
 * [B, H, W, 3] -> [B, H, W, 1]. A step from 0 to 1 gives 1.
 * @param image any range; H and W at least 2.
 * Source: Sobel and Feldman 1973, as cited in S2R-DepthNet, section 4.3.
 */
export function sobelEdges(image: tf.Tensor4D): tf.Tensor4D {
  assertShape(image, ['B', 'H', 'W', 3], 'image');
  const grey = tf.conv2d(image, tf.tensor4d([...LUMA], [1, 1, 3, 1]), 1, 'valid');
  const padded = tf.mirrorPad(
    grey,
    [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ],
    'reflect',
  );
  // Both directions as the two channels of one filter [3, 3, 1, 2].
  const filter = [-1, -1, 0, -2, 1, -1, -2, 0, 0, 0, 2, 0, -1, 1, 0, 2, 1, 1];
  const slopes = tf.conv2d(padded as tf.Tensor4D, tf.tensor4d(filter, [3, 3, 1, 2]), 1, 'valid'); // keeps the rank
  return slopes.square().sum<tf.Tensor4D>(3, true).add<tf.Tensor4D>(EPSILON).sqrt().div(4);
}
