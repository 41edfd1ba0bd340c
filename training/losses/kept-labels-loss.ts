import type * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import { logProbabilities } from '../ops/log-probabilities.js';

/**
 * How far labels are from those of another network, softly: the mean over pixels of the Kullback-Leibler divergence of the
 * classes' probabilities from the other's. It is 0 where both say the same, and pulls hardest where the other one is sure.
 * @param logits [B, H, W, S], those of the network that learns.
 * @param parentLogits [B, H, W, S], given.
 * @throws TrainingError when the shapes do not fit each other.
 * Source: Hinton et al. 2015, "Distilling the knowledge in a neural network", at temperature 1.
 */
export function keptLabelsLoss(logits: tf.Tensor4D, parentLogits: tf.Tensor4D): tf.Scalar {
  const sizes = assertShape(logits, ['B', 'H', 'W', 'S'], 'logits');
  assertShape(parentLogits, ['B', 'H', 'W', 'S'], 'parentLogits', sizes);
  const log = logProbabilities(logits);
  const parentLog = logProbabilities(parentLogits);
  const [batch, height, width] = logits.shape;
  return parentLog
    .exp()
    .mul(parentLog.sub(log))
    .sum<tf.Scalar>()
    .div(batch * height * width);
}
