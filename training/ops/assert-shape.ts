import type * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';

/** Sizes by letter, as `assertShape` found them. */
export type Sizes = Readonly<Record<string, number>>;

/**
 * Checks a tensor's shape against sizes and letters, where the same letter means the same size. That is in `expected` itself,
 * and in the shapes whose result is handed on as `known`.
 * @returns `known` and the sizes of the letters met here.
 * @throws TrainingError: "disparity: expected the shape `[B, H, W, 1]`, got [2, 8, 8, 3]".
 */
export function assertShape(
  x: tf.Tensor,
  expected: readonly (number | string)[],
  name: string,
  known: Sizes = {},
): Sizes {
  const sizes: Record<string, number> = { ...known };
  const fits = expected.every((dimension, axis) => {
    const size = x.shape[axis];
    if (size === undefined) return false;
    if (typeof dimension === 'number') return size === dimension;
    sizes[dimension] ??= size;
    return sizes[dimension] === size;
  });
  if (fits && x.shape.length === expected.length) return sizes;
  const given = expected
    .filter((dimension) => typeof dimension === 'string' && known[dimension] !== undefined)
    .map((dimension) => `${dimension} = ${known[dimension]}`);
  const where = given.length > 0 ? ` with ${given.join(', ')}` : '';
  throw new TrainingError(
    `${name}: expected the shape \`[${expected.join(', ')}]\`${where}, got [${x.shape.join(', ')}]`,
  );
}
