import { type Results, type Samples, weightOf } from './parity.js';

/** A function on flat arrays in double precision: row-major values by input name, result row major. */
export type Reference = (inputs: Readonly<Record<string, ArrayLike<number>>>) => ArrayLike<number>;

const STEP = 1e-4;

/**
 * What `withGradients` gives, by an independent implementation: values in double precision and gradients by central
 * differences at two distances, extrapolated (Richardson), whose errors are near 1e-11.
 */
export function inDoublePrecision(
  reference: Reference,
  samples: Samples,
  shape: readonly number[],
  gradients = true,
): Results {
  const inputs = Object.fromEntries(
    Object.entries(samples).map(([name, { data }]) => [name, Float64Array.from(data)]),
  );
  const y = Float64Array.from(reference(inputs));
  const results: Record<string, Results[string]> = { y: { shape, data: y } };
  if (!gradients) return results;
  const total = (): number => {
    let sum = 0;
    const values = reference(inputs);
    for (let i = 0; i < values.length; i++) sum += values[i] * weightOf(i);
    return sum;
  };
  for (const [name, { shape: extents, dtype }] of Object.entries(samples)) {
    if (dtype !== 'float32') continue;
    const values = inputs[name];
    const gradient = values.map((value, i) => {
      const slope = (distance: number): number => {
        values[i] = value + distance;
        const ahead = total();
        values[i] = value - distance;
        const behind = total();
        values[i] = value;
        return (ahead - behind) / (2 * distance);
      };
      return (4 * slope(STEP / 2) - slope(STEP)) / 3;
    });
    results[`d${name}`] = { shape: extents, data: gradient };
  }
  return results;
}

/** Calls `visit` with every index of a tensor of `shape`, in row-major order, and its flat position. */
export function everyIndex(shape: readonly number[], visit: (index: number[], flat: number) => void): void {
  const index = shape.map(() => 0);
  const size = shape.reduce((product, extent) => product * extent, 1);
  for (let flat = 0; flat < size; flat++) {
    visit(index, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] += 1;
      if (index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

/** The flat position of an index; undefined outside the tensor. */
export function flatIndex(shape: readonly number[], index: readonly number[]): number | undefined {
  let flat = 0;
  for (const [axis, extent] of shape.entries()) {
    if (index[axis] < 0 || index[axis] >= extent) return undefined;
    flat = flat * extent + index[axis];
  }
  return flat;
}
