import type * as tf from '@tensorflow/tfjs';
import type { Scope } from './scope.js';

const EPSILON = 1e-5;

/**
 * Normalises every channel of every image over its pixels, [B, H, W, C] -> [B, H, W, C]; the same in training and after
 * it. `affine` adds a learned scale and shift per channel (off in PyTorch by default).
 * Source: Ulyanov et al. 2016, eq. 4, biased variance as in PyTorch.
 */
export function instanceNorm(scope: Scope, x: tf.Tensor4D, { affine = false } = {}): tf.Tensor4D {
  const mean = x.mean([1, 2], true);
  const centered = x.sub<tf.Tensor4D>(mean);
  // Not `square()`: a mean of squares is fused with the number of pixels, and a graph would serve one size alone.
  const variance = centered.mul<tf.Tensor4D>(centered).mean([1, 2], true);
  const normal = centered.mul<tf.Tensor4D>(variance.add(EPSILON).rsqrt());
  if (!affine) return normal;
  const shape = [x.shape[3]];
  const gamma = scope.parameter<tf.Rank.R1>('weight', shape, { kind: 'constant', value: 1 });
  const beta = scope.parameter<tf.Rank.R1>('bias', shape, { kind: 'constant', value: 0 });
  return normal.mul<tf.Tensor4D>(gamma).add(beta);
}
