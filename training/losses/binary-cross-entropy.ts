import * as tf from '@tensorflow/tfjs';
import { sameShape } from './same-shape.js';

/**
 * Binary cross-entropy of logits, the mean over all elements of t softplus(-x) + (1 - t) softplus(x). That is -t log p - (1 -
 * t) log(1 - p) with p = sigmoid(x). It stays exact and finite for logits of any size.
 *
 * @param logits of any shape.
 * @param target t in 0..1, a number for all elements (1 real or source, 0 generated or target) or a tensor of the
 *   same shape.
 * @throws TrainingError when the shapes differ.
 * Source: Goodfellow et al. 2014, eq. 1; adversarial-depth, eq. 1; DADA, eq. 6; DA-Monodepth, eq. 1.
 */
export function binaryCrossEntropy(logits: tf.Tensor, target: number | tf.Tensor): tf.Scalar {
  if (target === 1) return tf.softplus(tf.neg(logits)).mean();
  if (target === 0) return tf.softplus(logits).mean();
  if (typeof target !== 'number') sameShape(target, 'target', logits);
  const ones = tf.softplus(tf.neg(logits)).mul(target);
  return ones.add(tf.softplus(logits).mul(tf.sub(1, target))).mean();
}
