import type { InferenceSession, Tensor } from '../../models/onnxruntime.js';
import type { Convolution } from './quantization-plan.js';
import { HISTOGRAM_BINS, type SeenValues } from './value-range.js';

/** What a graph's inner values were on the calibration pictures. */
export interface Calibration {
  readonly seen: ReadonlyMap<string, SeenValues>;
  /** Means of every input channel of the convolutions, by id. */
  readonly inputMeans: ReadonlyMap<string, Float64Array>;
}

/**
 * Runs a graph whose inner values are outputs over the pictures, twice: for their bounds, then for how they lie between.
 * @param feeds of every picture; asked for twice.
 */
export async function calibrate(
  session: Pick<InferenceSession, 'run'>,
  values: readonly string[],
  convolutions: readonly Convolution[],
  feeds: () => AsyncIterable<Record<string, Tensor>>,
): Promise<Calibration> {
  const seen = new Map(values.map((name) => [name, emptyRange()]));
  const sums = new Map<string, { sum: Float64Array; count: number }>();
  for await (const feed of feeds()) {
    const outputs = await session.run(feed, values);
    for (const [name, range] of seen) widen(range, numbersOf(outputs[name]));
    for (const { id, input } of convolutions) addMeans(sums, id, outputs[input]);
  }
  for await (const feed of feeds()) {
    const outputs = await session.run(feed, values);
    for (const [name, range] of seen) count(range, numbersOf(outputs[name]));
  }
  return {
    seen,
    inputMeans: new Map([...sums].map(([id, { sum, count: pixels }]) => [id, sum.map((x) => x / pixels)])),
  };
}

function emptyRange(): SeenValues {
  return {
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    counts: new Float64Array(HISTOGRAM_BINS),
  };
}

function numbersOf(tensor: Tensor | undefined): Float32Array {
  return tensor?.type === 'float32' ? (tensor.data as Float32Array) : new Float32Array(0); // the type says so
}

function widen(range: SeenValues, data: Float32Array): void {
  let { min, max } = range;
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (value < min) min = value;
    if (value > max) max = value;
  }
  range.min = min;
  range.max = max;
}

function count({ min, max, counts }: SeenValues, data: Float32Array): void {
  const perUnit = max > min ? HISTOGRAM_BINS / (max - min) : 0;
  for (let i = 0; i < data.length; i++) {
    const bin = ((data[i] - min) * perUnit) | 0;
    counts[bin < HISTOGRAM_BINS ? bin : HISTOGRAM_BINS - 1] += 1;
  }
}

/** Adds up the channels of a value of the shape [B, C, H, W]. */
function addMeans(
  sums: Map<string, { sum: Float64Array; count: number }>,
  id: string,
  tensor: Tensor | undefined,
): void {
  const data = numbersOf(tensor);
  const [batch = 0, channels = 0, height = 0, width = 0] = tensor?.dims ?? [];
  const plane = height * width;
  const entry = sums.get(id) ?? { sum: new Float64Array(channels), count: 0 };
  for (let b = 0; b < batch; b++) {
    for (let c = 0; c < channels; c++) {
      const start = (b * channels + c) * plane;
      let sum = 0;
      for (let i = start; i < start + plane; i++) sum += data[i];
      entry.sum[c] += sum;
    }
  }
  entry.count += batch * plane;
  sums.set(id, entry);
}
