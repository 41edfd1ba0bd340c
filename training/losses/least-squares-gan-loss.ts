import type * as tf from '@tensorflow/tfjs';
import { sameShape } from './same-shape.js';

/**
 * Least-squares GAN loss: 1/2 mean((score - target)^2) over all elements.
 *
 * The discriminator adds the loss of real samples towards 1 to that of generated ones towards 0. The generator takes that of
 * its samples towards 1. MUNIT's and CycleGAN's code leave out the factor 1/2.
 *
 * @param scores of any shape, without sigmoid.
 * @param target what the discriminator should say: a number for all, or a tensor of the same shape.
 * @throws TrainingError when the shapes differ.
 * Source: Mao et al. 2017, eq. 2 with a = 0, b = c = 1 (eq. 9).
 */
export function leastSquaresGanLoss(scores: tf.Tensor, target: number | tf.Tensor): tf.Scalar {
  if (typeof target !== 'number') sameShape(target, 'target', scores);
  return scores.sub(target).square().mean<tf.Scalar>().mul(0.5);
}
