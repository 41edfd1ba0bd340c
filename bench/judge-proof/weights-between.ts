import type { Parameters } from '../../training/weights/parameters.js';

/** A copy of all values by name. */
export function valuesOf(parameters: Parameters): ReadonlyMap<string, Float32Array> {
  return new Map([...parameters].map(([name, { values }]) => [name, values.slice()]));
}

/** Sets the weights to before + share (after - before); variances stay above 0. */
export function setBetween(
  parameters: Parameters,
  before: ReadonlyMap<string, Float32Array>,
  after: ReadonlyMap<string, Float32Array>,
  share: number,
): void {
  for (const [name, { values }] of parameters) {
    const [from = values, to = values] = [before.get(name), after.get(name)];
    const least = name.endsWith('running_var') ? 1e-6 : Number.NEGATIVE_INFINITY;
    for (let i = 0; i < values.length; i++) values[i] = Math.max(least, from[i] + share * (to[i] - from[i]));
  }
}
