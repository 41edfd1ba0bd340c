import * as tf from '@tensorflow/tfjs';
import { stopGradient } from '../ops/stop-gradient.js';
import type { Scope } from './scope.js';

const EPSILON = 1e-12;

/**
 * A filter [H, W, in, out] divided by its largest singular value sigma as a matrix [out, H W in]. So the layer's Lipschitz
 * constant is at most one.
 *
 * Each training step improves the left singular vector, the state `weight_u` of [out], by one power iteration. v = W^T u /
 * |W^T u|, u = W v / |W v|, sigma = u^T W v. No gradient flows through u and v. Outside training the stored u is used as it
 * is. Source: Miyato et al. 2018, algorithm 1; names as in PyTorch.
 */
export function spectralNorm(scope: Scope, weight: tf.Tensor4D): tf.Tensor4D {
  const outputs = weight.shape[3];
  const matrix = weight.reshape<tf.Tensor2D>([-1, outputs]); // W^T
  const stored = scope
    .state('weight_u', [outputs], { kind: 'fanInUniform', fanIn: 1 })
    .reshape<tf.Tensor2D>([outputs, 1]);
  const frozen = stopGradient(matrix);
  const v = unit(tf.matMul(frozen, stored));
  const u = scope.training ? unit(tf.matMul(frozen, v, true)) : unit(stored);
  if (scope.training) scope.update('weight_u', u.reshape([outputs]));
  const sigma = tf.matMul(tf.matMul(matrix, v, true), u, true).reshape<tf.Scalar>([]);
  return weight.div(sigma);
}

/** Scales a vector to length one. */
function unit(x: tf.Tensor2D): tf.Tensor2D {
  return x.div(x.square().sum().sqrt().add(EPSILON));
}
