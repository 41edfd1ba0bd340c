import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';

/**
 * Weighted cross-entropy, averaged over the labelled pixels; 0 where there are none.
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
  return weighted.div(tf.maximum(target.sum(), 1));
}
