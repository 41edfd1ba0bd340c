import type * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import { absolute } from './absolute.js';
import { ssimDistance } from './ssim.js';

/** Share of the structural difference. Source: SGDepth, eq. 3. */
const ALPHA = 0.85;

/**
 * How different two images look at each pixel: alpha (1 - SSIM) / 2 + (1 - alpha) |a - b|, averaged over the channels.
 *
 * @param a, b images [B, H, W, C], values 0..1.
 * @returns [B, H, W, 1], 0..1.
 * Source: SGDepth, eq. 3, the term under the minimum.
 */
export function photometricError(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D {
  assertShape(b, ['B', 'H', 'W', 'C'], 'b', assertShape(a, ['B', 'H', 'W', 'C'], 'a'));
  const structure = ssimDistance(a, b).mean<tf.Tensor4D>(3, true);
  const color = absolute(a.sub<tf.Tensor4D>(b)).mean<tf.Tensor4D>(3, true);
  return structure.mul(ALPHA).add(color.mul(1 - ALPHA));
}
