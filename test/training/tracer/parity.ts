import * as tf from '@tensorflow/tfjs';
import { selectEagerBackend } from '../../../training/eager/eager-backend.js';
import { compile, type TensorBuffer, type TraceInput } from '../../../training/tracer/compile.js';
import { type Layout, orderOf, permuteData } from '../../../training/tracer/lower/layout.js';
import { record, type TracedFunction } from '../../../training/tracer/trace/record.js';

/** A tensor with its values, row major in its logical axes. */
export interface Sample {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly data: TensorBuffer;
}

export type Samples = Readonly<Record<string, Sample>>;

/** The backend that graphs are compared with: `cpu`, or what RXDEPTH_EAGER names (docs/tfjs-node.md). */
export const EAGER_BACKEND = process.env.RXDEPTH_EAGER ?? 'cpu';

/** Makes EAGER_BACKEND the active one. */
export async function useEagerBackend(): Promise<void> {
  await selectEagerBackend(EAGER_BACKEND);
}

let seed = 1;

/** Uniform in [-1, 1), the same in every run. */
export function noise(): number {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return (seed / 2147483648) * 2 - 1;
}

export function floats(shape: readonly number[], map: (value: number) => number = (value) => value): Sample {
  const data = Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, () => map(noise()));
  return { shape, dtype: 'float32', data };
}

/** Integers in [low, high). */
export function integers(shape: readonly number[], low: number, high: number): Sample {
  const draw = (): number => Math.floor(low + ((noise() + 1) / 2) * (high - low));
  return {
    shape,
    dtype: 'int32',
    data: Int32Array.from({ length: tf.util.sizeFromShape([...shape]) }, draw),
  };
}

export function bools(shape: readonly number[]): Sample {
  const data = Uint8Array.from({ length: tf.util.sizeFromShape([...shape]) }, () => (noise() > 0 ? 1 : 0));
  return { shape, dtype: 'bool', data };
}

/** The fixed weights of `withGradients`. */
export function weightOf(i: number): number {
  return Math.fround(Math.sin(i * 1.7) + 0.2);
}

/** Values and, by all float inputs, gradients of the sum of `fn`'s output times fixed weights. */
export function withGradients(
  fn: (inputs: Record<string, tf.Tensor>) => tf.Tensor,
): (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor> {
  return (inputs) => {
    const names = Object.keys(inputs).filter((name) => inputs[name].dtype === 'float32');
    const y = fn(inputs);
    const weights = tf.tensor(
      Float32Array.from({ length: y.size }, (_, i) => weightOf(i)),
      y.shape,
    );
    const gradients = tf.grads((...tensors: tf.Tensor[]) => {
      const given = Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
      return fn({ ...inputs, ...given })
        .mul(weights)
        .sum();
    })(names.map((name) => inputs[name]));
    return { y, ...Object.fromEntries(names.map((name, i) => [`d${name}`, gradients[i]])) };
  };
}

export interface Results {
  readonly [name: string]: {
    readonly shape: readonly number[];
    /** Left out by references in double precision. */
    readonly dtype?: string;
    readonly data: TensorBuffer | Float64Array;
  };
}

export function runEager(fn: TracedFunction, samples: Samples): Results {
  return tf.tidy(() => {
    const tensors = Object.fromEntries(
      Object.entries(samples).map(([name, { shape, dtype, data }]) => [
        name,
        tf.tensor(data, [...shape], dtype),
      ]),
    );
    return Object.fromEntries(
      Object.entries(fn(tensors)).map(([name, y]) => [
        name,
        { shape: y.shape, dtype: y.dtype, data: y.dataSync() },
      ]),
    );
  });
}

/** @param layouts of inputs; the data are laid out accordingly first. */
export async function runCompiled(
  fn: TracedFunction,
  samples: Samples,
  layouts: Readonly<Record<string, Layout>> = {},
): Promise<Results> {
  const inputs: Record<string, TraceInput> = {};
  const feeds: Record<string, TensorBuffer> = {};
  for (const [name, { shape, dtype, data }] of Object.entries(samples)) {
    inputs[name] = { shape, dtype, layout: layouts[name] };
    feeds[name] = permuteData(data, shape, orderOf(layouts[name], shape.length));
  }
  const compiled = await compile(fn, inputs, { threads: 1 });
  const results = await compiled.run(feeds);
  await compiled.close();
  return results;
}

/** Names of the kernels that `fn` runs. */
export function kernelsOf(fn: TracedFunction, samples: Samples): string[] {
  return record(fn, samples).nodes.map(({ kernelName }) => kernelName);
}

/** L2 norm of the difference, relative to that of `expected`; Infinity for another shape or element type. */
export function relativeError(actual: Results[string] | undefined, expected: Results[string]): number {
  if (actual === undefined || actual.shape.join() !== expected.shape.join()) return Number.POSITIVE_INFINITY;
  if ((actual.dtype ?? expected.dtype) !== (expected.dtype ?? actual.dtype)) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.data.length; i++) {
    const [a, b] = [Number(actual.data[i]), Number(expected.data[i])];
    if (Object.is(a, b) || a === b) continue;
    difference += (a - b) ** 2;
    size += b ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / (size + 1e-12));
}
