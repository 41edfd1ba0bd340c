import type * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';

/** Checks that `x` does not rely on broadcasting. @throws TrainingError that names `x` and both shapes. */
export function sameShape(x: tf.Tensor, name: string, as: tf.Tensor): void {
  assertShape(x, as.shape, name);
}
