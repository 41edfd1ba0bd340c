import type { TensorLiteral } from '../onnx/model-proto.js';

/** Bias of output channels that are there to fill: their bytes are 0, and of equal ones the first is the largest. */
const NEVER_LARGEST = -(2 ** 30);
/** Channels that onnxruntime's fast 8-bit convolution takes and gives at once; for others a slower one runs. */
const CHANNEL_STEP = 4;

/** Channels to add: 19 outputs take twice as long as 20. @param least channels below which the slower one runs, too */
export function missingChannels(channels: number, least: number): number {
  return Math.max(least, Math.ceil(channels / CHANNEL_STEP) * CHANNEL_STEP) - channels;
}

/** The constants of a convolution in 8 bits, by the end of their names. */
export type RoundedConvolution = Readonly<
  Record<'w8' | 'w8.scale' | 'w8.zero' | 'b32' | 'b32.scale', TensorLiteral>
>;

/** What a convolution is rounded by. */
export interface ConvolutionRounding {
  readonly inputScale: number;
  /** Means of its input channels: rounding of the weights then shifts no output channel's mean. */
  readonly means: Float64Array | undefined;
  readonly groups: number;
  /** Channels to add: to the input with weights of zero, to the output with the least of all values. */
  readonly extra: { readonly inputs: number; readonly outputs: number };
}

/**
 * Most that a rounded bias may be: as much again is left of 32 bits for the sum of the products. Where a channel's weights are
 * next to nothing beside its bias they are rounded with a larger scale, to 0 in the end: the bias is what counts there.
 */
const MOST_BIAS = 2 ** 30;

/** 8-bit weights with a scale an output channel, and a 32-bit bias. @param weight float32 [O, C / groups, h, w]. */
export function roundedConvolution(
  weight: TensorLiteral,
  given: TensorLiteral | undefined,
  { inputScale, means, groups, extra }: ConvolutionRounding,
): RoundedConvolution {
  const { values, scales } = roundWeights(
    weight,
    (o) => Math.abs(Number(given?.data[o] ?? 0)) / (inputScale * MOST_BIAS),
  );
  const [outputs = 0, inputs = 0, ...kernel] = weight.shape;
  const channels = outputs + extra.outputs;
  const each = values.length / outputs;
  const filled = (each / inputs) * (inputs + extra.inputs);
  const w8 = new Int8Array(filled * channels);
  for (let o = 0; o < outputs; o++) w8.set(values.subarray(o * each, (o + 1) * each), o * filled);
  const shift = meanShift(weight, values, scales, means, groups);
  const biasScales = scales.map((scale) => scale * inputScale);
  const bias = Int32Array.from(biasScales, (scale, o) =>
    Math.round((Number(given?.data[o] ?? 0) - shift[o]) / scale),
  );
  const shape = [channels];
  return {
    w8: { dtype: 'int8', shape: [channels, inputs + extra.inputs, ...kernel], data: w8 },
    'w8.scale': { dtype: 'float32', shape, data: filledFloats(scales, channels, 1) },
    'w8.zero': { dtype: 'int8', shape, data: new Int8Array(channels) },
    b32: { dtype: 'int32', shape, data: filledIntegers(bias, channels) },
    'b32.scale': { dtype: 'float32', shape, data: filledFloats(biasScales, channels, inputScale) },
  };
}

function filledFloats(numbers: Float32Array, length: number, fill: number): Float32Array<ArrayBuffer> {
  const longer = new Float32Array(length).fill(fill);
  longer.set(numbers);
  return longer;
}

function filledIntegers(numbers: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(length).fill(NEVER_LARGEST);
  longer.set(numbers);
  return longer;
}

/** Weights rounded to -127..127 times a scale an output channel. @param leastScale of each channel. */
export function roundWeights(
  { shape, data }: TensorLiteral,
  leastScale: (channel: number) => number = () => 0,
): {
  values: Int8Array<ArrayBuffer>;
  scales: Float32Array<ArrayBuffer>;
} {
  const channels = shape[0] ?? 0;
  const each = data.length / channels;
  const values = new Int8Array(data.length);
  const scales = new Float32Array(channels);
  for (let o = 0; o < channels; o++) {
    let largest = 0;
    for (let i = o * each; i < (o + 1) * each; i++) largest = Math.max(largest, Math.abs(Number(data[i])));
    const scale = Math.fround(Math.max(largest / 127, leastScale(o), 1e-12));
    scales[o] = scale;
    for (let i = o * each; i < (o + 1) * each; i++)
      values[i] = Math.max(-127, Math.min(127, Math.round(Number(data[i]) / scale)));
  }
  return { values, scales };
}

/** How much the rounding of the weights shifts each output channel's mean: sum over inputs of (W8 - W) mean(x). */
function meanShift(
  { shape, data }: TensorLiteral,
  values: Int8Array,
  scales: Float32Array,
  means: Float64Array | undefined,
  groups: number,
): Float64Array {
  const [channels = 0, inputs = 0] = shape;
  const shift = new Float64Array(channels);
  if (means === undefined) return shift;
  const taps = data.length / (channels * inputs);
  const perGroup = channels / groups;
  for (let o = 0; o < channels; o++) {
    const first = Math.floor(o / perGroup) * inputs;
    for (let c = 0; c < inputs; c++) {
      let difference = 0;
      for (let k = 0; k < taps; k++) {
        const i = (o * inputs + c) * taps + k;
        difference += values[i] * scales[o] - Number(data[i]); // within their lengths
      }
      shift[o] += difference * (means[first + c] ?? 0);
    }
  }
  return shift;
}
