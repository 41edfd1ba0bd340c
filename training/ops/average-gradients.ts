import type * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { scaleGradient } from './scale-gradient.js';

/**
 * What a block that several branches share makes of its inputs. Its parameters receive the mean of the branches' gradients
 * instead of their sum, and what lies before the block still receives the sum.
 * @param inputs all that the block reads beside its parameters, skip connections too.
 * @param branches how many use the result.
 * @throws TrainingError unless `branches` is a whole number of at least 1.
 * Source: DA-Monodepth, section 4.1: "we average the summed gradient of two branches first", said of the shared block.
 */
export function averageGradients<T extends tf.Tensor>(
  inputs: readonly tf.Tensor4D[],
  branches: number,
  block: (inputs: readonly tf.Tensor4D[]) => T,
): T {
  if (!Number.isInteger(branches) || branches < 1)
    throw new TrainingError(`branches: expected a whole number of at least \`1\`, got ${branches}`);
  return scaleGradient(block(inputs.map((x) => scaleGradient(x, branches))), 1 / branches);
}
