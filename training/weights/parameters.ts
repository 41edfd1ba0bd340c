import { TrainingError } from '../errors.js';
import type { Initializer, ParameterSpec } from '../networks/scope.js';
import { Random } from '../simulator/random.js';
import { halfValue, toHalfBytes } from './half.js';
import {
  type DecodedSafetensors,
  encodeSafetensors,
  type StoredTensor,
  type TensorLocation,
} from './safetensors.js';

/** A parameter's values as they are kept, computed with and stored: filters as [out, in, height, width]. */
export interface Parameter {
  readonly spec: ParameterSpec;
  readonly values: Float32Array;
}

/** A network's weights by name. */
export type Parameters = ReadonlyMap<string, Parameter>;

/** Shape in storage order: OIHW for filters (as PyTorch and ONNX have them), the logical shape for the rest. */
export function storedShape(shape: readonly number[]): readonly number[] {
  const [height, width, input, output] = shape;
  return shape.length === 4 ? [output ?? 0, input ?? 0, height ?? 0, width ?? 0] : shape;
}

/** Starting values of every declared parameter; the same seed gives the same values, whatever the order of `specs`. */
export function initialParameters(specs: readonly ParameterSpec[], seed: number): Parameters {
  return new Map(
    specs.map((spec) => [spec.name, { spec, values: draw(spec, new Random(seed, hash(spec.name))) }]),
  );
}

function draw({ shape, initializer }: ParameterSpec, random: Random): Float32Array {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const sample = sampler(shape, initializer, random);
  for (let i = 0; i < values.length; i++) values[i] = sample();
  return values;
}

function sampler(shape: readonly number[], initializer: Initializer, random: Random): () => number {
  switch (initializer.kind) {
    case 'constant':
      return () => initializer.value;
    case 'heNormal': {
      const [height = 1, width = 1, , output = 1] = shape;
      const deviation = Math.sqrt(2 / (height * width * output));
      return () => random.normal(0, deviation);
    }
    case 'xavierNormal': {
      const [height = 1, width = 1, input = 1, output = 1] = shape;
      const deviation = Math.sqrt(2 / (height * width * (input + output)));
      return () => random.normal(0, deviation);
    }
    case 'normal':
      return () => random.normal(0, initializer.deviation);
    case 'fanInUniform': {
      const bound = 1 / Math.sqrt(initializer.fanIn);
      return () => random.uniform(-bound, bound);
    }
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}

/**
 * Serialises the weights as safetensors, in half precision where asked (for shipping).
 * @throws TrainingError naming a parameter with a number too large for half precision.
 */
export function encodeParameters(
  parameters: Parameters,
  precision: 'F32' | 'F16',
  metadata: Readonly<Record<string, string>>,
): { bytes: Uint8Array; locations: ReadonlyMap<string, TensorLocation> } {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { spec, values }] of parameters) {
    const bytes =
      precision === 'F16'
        ? halfBytes(name, values)
        : new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    tensors.set(name, { dtype: precision, shape: storedShape(spec.shape), bytes });
  }
  return encodeSafetensors({ tensors, metadata });
}

/** The least number that rounds to infinity: the largest finite half, 65504, and half of its spacing. */
const HALF_OVERFLOW = 65520;

function halfBytes(name: string, values: Float32Array): Uint8Array {
  for (const value of values) {
    if (Math.abs(value) >= HALF_OVERFLOW && Number.isFinite(value)) {
      throw new TrainingError(
        `Parameter \`${name}\`: expected values within \`+-65504\` for F16, got ${value}; store it as F32.`,
      );
    }
  }
  return toHalfBytes(values);
}

/**
 * Takes the values of the declared parameters out of a safetensors file.
 * @throws TrainingError naming the parameters that are missing or of another shape; extra tensors are ignored.
 */
export function parametersFrom(
  file: DecodedSafetensors,
  specs: readonly ParameterSpec[],
  source: string,
): Parameters {
  const problems: string[] = [];
  const parameters = new Map<string, Parameter>();
  for (const spec of specs) {
    const stored = file.tensors.get(spec.name);
    const shape = storedShape(spec.shape);
    const unread = file.unread.get(spec.name);
    if (unread !== undefined) problems.push(`\`${spec.name}\` is ${unread}, expected F32 or F16`);
    else if (stored === undefined) problems.push(`\`${spec.name}\` is missing`);
    else if (stored.shape.join() !== shape.join()) {
      problems.push(`\`${spec.name}\` has shape [${stored.shape}], expected [${shape}]`);
    } else parameters.set(spec.name, { spec, values: tensorValues(stored) });
  }
  if (problems.length > 0) {
    const more = problems.length > 10 ? `; and ${problems.length - 10} more` : '';
    throw new TrainingError(
      `${source} does not fit this network: ${problems.slice(0, 10).join('; ')}${more}`,
    );
  }
  return parameters;
}

/** The values of a stored tensor, in storage order. */
export function tensorValues({ dtype, bytes }: StoredTensor): Float32Array {
  const copy = bytes.slice(); // aligned, and independent of the file's buffer
  return dtype === 'F32'
    ? new Float32Array(copy.buffer)
    : Float32Array.from(new Uint16Array(copy.buffer), halfValue);
}
