import { blockBootstrap, type Interval } from './bootstrap.js';

/** Errors below are as good as none, and are not compared by their ratio. */
const LEAST = 0.001;

/**
 * By how much an error grows from parent to candidate: the geometric mean over samples of candidate / parent, minus 1, with
 * its 95 % interval. Above 0 is a loss. The ratio of the two arithmetic means would be decided by the few samples on which
 * the parent is worst. AbsRel on one picture taken a hand's breadth from a wall can be fifty times what it is on others.
 *
 * @param pairs errors of both on the same independent samples, at least one; none below 0.
 */
export function errorGrowth(pairs: readonly (readonly [parent: number, candidate: number])[]): Interval {
  const logarithms = pairs.map(([parent, candidate]) =>
    Math.log(Math.max(candidate, LEAST) / Math.max(parent, LEAST)),
  );
  const { mean, low, high } = blockBootstrap(logarithms, 1);
  return { mean: Math.expm1(mean), low: Math.expm1(low), high: Math.expm1(high) };
}
