import { noise, type Results, type Samples, weightOf } from './parity.js';

/** A function on flat arrays in double precision: row-major values by input name, result row major. */
export type Reference = (inputs: Readonly<Record<string, ArrayLike<number>>>) => ArrayLike<number>;

const STEP = 1e-4;
/** Of all elements at once: so little that hardly any passes a kink. */
const DISTANCE = 1e-6;

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
  const total = (): number => weightedSum(reference(inputs));
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

function weightedSum(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * weightOf(i);
  return sum;
}

/**
 * Relative error of a gradient by the input `name`, estimated by slopes along a few random directions: quicker than
 * `inDoublePrecision` for large inputs.
 */
export function errorAlong(
  reference: Reference,
  samples: Samples,
  name: string,
  gradient: ArrayLike<number>,
): number {
  const inputs = Object.fromEntries(
    Object.entries(samples).map(([input, { data }]) => [input, Float64Array.from(data)]),
  );
  const values = inputs[name];
  const norm = Math.hypot(...Array.from(gradient));
  let worst = 0;
  for (let round = 0; round < 3; round++) {
    // Of mean square one: then the product with an error is as large as the error's norm.
    const direction = values.map(() => noise() * Math.sqrt(3));
    const at = (distance: number): number => {
      const moved = values.map((value, i) => value + distance * direction[i]);
      return weightedSum(reference({ ...inputs, [name]: moved }));
    };
    const slope = (at(DISTANCE) - at(-DISTANCE)) / (2 * DISTANCE);
    const product = direction.reduce((sum, value, i) => sum + value * gradient[i], 0);
    worst = Math.max(worst, Math.abs(slope - product) / (norm + 1e-12));
  }
  return worst;
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

export type Values = ArrayLike<number>;

export const mapped = (x: Values, fn: (value: number, i: number) => number): number[] => Array.from(x, fn);
export const sum = (x: Values): number => Array.from(x).reduce((total, value) => total + value, 0);
export const mean = (x: Values): number => sum(x) / x.length;
