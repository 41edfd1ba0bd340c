import type * as tf from '@tensorflow/tfjs';
import type { Scope } from './scope.js';

const EPSILON = 1e-5;

/**
 * Normalises every image over its pixels and channels, then scales and shifts each channel: [B, H, W, C] -> [B, H, W, C]. It
 * is the same in training and after it. Parameter names as in MUNIT's code, `gamma` and `beta`. Source: Ba et al. 2016, eq.
 * 3, biased variance, epsilon within the root; MUNIT's code takes the unbiased deviation and adds its epsilon to it, which
 * differs by less than 0.1 % from 1000 values on.
 */
export function layerNorm(scope: Scope, x: tf.Tensor4D): tf.Tensor4D {
  const axes = [1, 2, 3];
  const centered = x.sub<tf.Tensor4D>(x.mean(axes, true));
  const normal = centered.mul<tf.Tensor4D>(centered.square().mean(axes, true).add(EPSILON).rsqrt());
  const shape = [x.shape[3]];
  const gamma = scope.parameter<tf.Rank.R1>('gamma', shape, { kind: 'constant', value: 1 });
  const beta = scope.parameter<tf.Rank.R1>('beta', shape, { kind: 'constant', value: 0 });
  return normal.mul<tf.Tensor4D>(gamma).add(beta);
}
