import * as tf from '@tensorflow/tfjs';

/** Logarithm of the softmax. @param logits [B, H, W, C]. @returns the same shape, values up to 0. */
export function logProbabilities(logits: tf.Tensor4D): tf.Tensor4D {
  return logits.sub(tf.logSumExp(logits, 3, true));
}
