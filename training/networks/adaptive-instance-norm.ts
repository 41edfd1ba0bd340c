import type * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { instanceNorm } from './instance-norm.js';
import type { Scope } from './scope.js';

/**
 * AdaIN: normalises every channel of every image over its pixels. Then it gives the channel the deviation and mean that a
 * style asks for: [B, H, W, C] -> [B, H, W, C].
 * @param gamma [B, C], the deviations. @param beta [B, C], the means.
 * @throws TrainingError when `gamma` or `beta` is of another shape.
 * Source: Huang and Belongie 2017, eq. 8; Huang et al. 2018 (MUNIT), eq. 11.
 */
export function adaptiveInstanceNorm(
  scope: Scope,
  x: tf.Tensor4D,
  gamma: tf.Tensor2D,
  beta: tf.Tensor2D,
): tf.Tensor4D {
  const [batch, , , channels] = x.shape;
  for (const [name, given] of Object.entries({ gamma, beta })) {
    if (given.shape[0] !== batch || given.shape[1] !== channels) {
      throw new TrainingError(`${name}: expected \`[${batch}, ${channels}]\`, got [${given.shape}]`);
    }
  }
  const shape: [number, number, number, number] = [batch, 1, 1, channels];
  return instanceNorm(scope, x).mul<tf.Tensor4D>(gamma.reshape(shape)).add(beta.reshape(shape));
}
