import type * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../../errors.js';
import { assertShape, type Sizes } from '../../ops/assert-shape.js';
import type { TraceInput } from '../../tracer/compile.js';

/** One tensor of a batch. */
export interface Field {
  /** Logical TensorFlow.js shape; letters are sizes that a run decides, the same letter the same size. */
  readonly shape: readonly (number | string)[];
  readonly dtype: 'float32' | 'int32';
  /** How the data lie in memory: `NCHW` for [B, H, W, C] in planes; row major where left out. */
  readonly layout?: 'NCHW';
  /** Least and largest value that can be meant. */
  readonly range: readonly [number, number];
  /** Not every run has it. */
  readonly optional?: true;
  /** Stays on the host: no input of a graph. */
  readonly host?: true;
}

/**
 * What a batch holds, declared once: inputs of graphs, arrays in memory and types of tensors follow from it. Declare one
 * with `as const satisfies BatchSchema`.
 */
export type BatchSchema = Readonly<Record<string, Field>>;

interface ByRank {
  readonly 0: tf.Scalar;
  readonly 1: tf.Tensor1D;
  readonly 2: tf.Tensor2D;
  readonly 3: tf.Tensor3D;
  readonly 4: tf.Tensor4D;
}
interface ByType {
  readonly float32: Float32Array;
  readonly int32: Int32Array;
}
type TensorOf<F extends Field> = F['shape']['length'] extends keyof ByRank
  ? ByRank[F['shape']['length']]
  : tf.Tensor;

type OptionalNames<S extends BatchSchema> = {
  [K in keyof S]: S[K] extends { readonly optional: true } ? K : never;
}[keyof S];
type HostNames<S extends BatchSchema> = {
  [K in keyof S]: S[K] extends { readonly host: true } ? K : never;
}[keyof S];

/** The batch as symbols of a trace or as tensors with values; ranks as declared. */
export type TensorsOf<S extends BatchSchema> = {
  readonly [K in Exclude<keyof S, OptionalNames<S> | HostNames<S>>]: TensorOf<S[K]>;
} & { readonly [K in Exclude<OptionalNames<S>, HostNames<S>>]?: TensorOf<S[K]> | undefined };

/** The batch as it lies in memory. */
export type ArraysOf<S extends BatchSchema> = {
  readonly [K in Exclude<keyof S, OptionalNames<S>>]: ByType[S[K]['dtype']];
} & { readonly [K in OptionalNames<S>]?: ByType[S[K]['dtype']] | undefined };

/** Any batch's data, by name. */
export type BatchArrays = Readonly<Record<string, Float32Array | Int32Array>>;

/** A field as another batch has it: of another number of images. @param letter of that number. */
export function counted<F extends Field, L extends string>(field: F, letter: L) {
  const shape = [letter, ...field.shape.slice(1)];
  return { ...field, shape } as unknown as Omit<F, 'shape'> & { readonly shape: F['shape'] }; // as many dimensions as before
}

/** The shape of a field in numbers. @throws TrainingError naming the letter that has no size. */
export function shapeOf(name: string, { shape }: Field, sizes: Sizes): number[] {
  return shape.map((dimension) => {
    const size = typeof dimension === 'number' ? dimension : sizes[dimension];
    if (size === undefined)
      throw new TrainingError(`batch \`${name}\`: expected a size for \`${dimension}\`, got none`);
    return size;
  });
}

/** The fields of a batch that a graph reads, for a trace. @param names those that this run has. */
export function traceInputs(
  schema: BatchSchema,
  sizes: Sizes,
  names: readonly string[] = Object.keys(schema),
): Record<string, TraceInput> {
  const inputs = Object.entries(schema).filter(([name, { host }]) => host !== true && names.includes(name));
  return Object.fromEntries(
    inputs.map(([name, field]) => {
      const { dtype, layout } = field;
      return [name, { shape: shapeOf(name, field, sizes), dtype, ...(layout && { layout }) }];
    }),
  );
}

/** Memory for a batch. @param names those that this run has. */
export function emptyArrays<S extends BatchSchema>(
  schema: S,
  sizes: Sizes,
  names: readonly string[] = Object.keys(schema),
): ArraysOf<S> {
  const arrays = names.map((name) => {
    const field = schema[name];
    if (field === undefined) throw new TrainingError(`batch: there is no field \`${name}\``);
    const length = shapeOf(name, field, sizes).reduce((a, b) => a * b, 1);
    return [name, field.dtype === 'float32' ? new Float32Array(length) : new Int32Array(length)] as const;
  });
  return Object.fromEntries(arrays) as ArraysOf<S>; // names and types as the schema has them
}

/**
 * The arrays of a batch, typed by what its schema says.
 * @throws TrainingError when one is missing or of another type.
 */
export function asArrays<S extends BatchSchema>(schema: S, arrays: BatchArrays): ArraysOf<S> {
  for (const [name, { dtype, optional }] of Object.entries(schema)) {
    const array = arrays[name];
    if (optional === true && array === undefined) continue;
    if (!(array instanceof (dtype === 'float32' ? Float32Array : Int32Array)))
      throw new TrainingError(`batch: expected \`${name}\` as ${dtype}`, { field: name });
  }
  return arrays as ArraysOf<S>; // just checked
}

/**
 * The tensors of a batch, typed by what its schema says.
 * @throws TrainingError when one is missing or of another shape.
 */
export function asTensors<S extends BatchSchema>(
  schema: S,
  tensors: Readonly<Record<string, tf.Tensor | undefined>>,
): TensorsOf<S> {
  let sizes: Sizes = {};
  for (const [name, { shape, optional, host }] of Object.entries(schema)) {
    const tensor = tensors[name];
    if (host === true || (optional === true && tensor === undefined)) continue;
    if (tensor === undefined) throw new TrainingError(`batch: expected \`${name}\`, it is missing`);
    sizes = assertShape(tensor, shape, name, sizes);
  }
  return tensors as unknown as TensorsOf<S>; // just checked
}

/** @throws TrainingError naming the first field with a value that its schema rules out, NaN included. */
export function checkRanges(schema: BatchSchema, arrays: BatchArrays): void {
  for (const [name, values] of Object.entries(arrays)) {
    const { range } = schema[name] ?? {};
    if (range === undefined) continue;
    const [low, high] = range;
    const wrong = values.find((value) => !(value >= low && value <= high));
    if (wrong === undefined) continue;
    throw new TrainingError(`batch \`${name}\`: expected values in \`${low}..${high}\`, got ${wrong}`);
  }
}
