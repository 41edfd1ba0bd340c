import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';

/**
 * What the sum over pixels is divided by: the number of `labelled` pixels, or of `all` pixels, labelled or not, as eq. 5 has it. With
 * `weights` it is the sum of the labelled pixels' class weights, as PyTorch has it, so that only the weights' ratios matter.
 */
export type CrossEntropyMean = 'labelled' | 'all' | 'weights';

/**
 * Weighted cross-entropy, a mean over pixels; 0 where none is labelled.
 * @param logits [B, H, W, S].
 * @param labels [B, H, W] int32, 0..S-1; any other value is ignored.
 * @param classWeights one per class.
 * @throws TrainingError when the shapes do not fit each other.
 * Source: SGDepth, eq. 5.
 */
export function weightedCrossEntropy(
  logits: tf.Tensor4D,
  labels: tf.Tensor3D,
  classWeights: readonly number[],
  over: CrossEntropyMean = 'labelled',
): tf.Scalar {
  const sizes = assertShape(logits, ['B', 'H', 'W', 'S'], 'logits');
  assertShape(labels, ['B', 'H', 'W'], 'labels', sizes);
  const classes = logits.shape[3];
  const weights = tf.tensor1d([...classWeights]);
  assertShape(weights, ['S'], 'classWeights', sizes);
  // Labels out of range give an all-zero row: no loss, no gradient, and they do not count.
  const target = tf.oneHot(labels, classes).toFloat();
  const logProbabilities = logits.sub(tf.logSumExp(logits, 3, true));
  const weighted = target.mul(weights).mul(logProbabilities).sum<tf.Scalar>().neg();
  if (over === 'all') return weighted.div(labels.size);
  // Without labelled pixels the sum is 0, and stays so.
  if (over === 'weights') return weighted.div(tf.maximum(target.mul(weights).sum(), 1e-6));
  return weighted.div(tf.maximum(target.sum(), 1));
}
