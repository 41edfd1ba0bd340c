import type * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { assertShape } from '../ops/assert-shape.js';
import { logProbabilities } from '../ops/log-probabilities.js';

/**
 * Weighted self-information of the softmax, -P log P / log C by class: where a prediction is certain, all are 0.
 *
 * @param logits [B, H, W, C], C at least 2.
 * @returns [B, H, W, C], values in 0..1; their sum over the classes is the entropy in units of its largest value.
 * @throws TrainingError when there is one class only.
 * Source: DADA, eq. 5, divided by log C as in AdvEnt (Vu et al. 2019, eq. 2).
 */
export function selfInformation(logits: tf.Tensor4D): tf.Tensor4D {
  assertShape(logits, ['B', 'H', 'W', 'C'], 'logits');
  const classes = logits.shape[3];
  if (classes < 2)
    throw new TrainingError(`logits: expected at least \`2\` classes in the last axis, got ${classes}`);
  const log = logProbabilities(logits);
  return log
    .exp()
    .mul<tf.Tensor4D>(log)
    .mul(-1 / Math.log(classes));
}
