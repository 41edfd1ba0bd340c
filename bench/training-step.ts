import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { type SupervisedBatch, supervisedLoss } from '../training/methods/supervised.js';
import { COMPACT_NETWORK } from '../training/networks/sgdepth-network.js';
import type { TensorBuffer, TraceInput } from '../training/onnx/compile.js';
import { compileTrainingStep } from '../training/onnx/compile-training-step.js';
import { networkParameters } from '../training/runs/run-state.js';
import { initialParameters, type Parameters } from '../training/weights/parameters.js';
import { registerWasmFilterGradient } from './wasm-filter-gradient.js';

/*
 * One training step (loss and all gradients, no optimizer) of the compact network: compiled by the tracer against eager
 * TensorFlow.js on wasm, both with one thread, taking turns. `node training-step.js [WIDTH HEIGHT BATCH ROUNDS]`.
 * Processor time is reported beside the clock because other processes disturb it less.
 */
const [width = 320, height = 96, batchSize = 2, rounds = 5] = process.argv.slice(2).map(Number);
const scale = 2 ** COMPACT_NETWORK.outputScale;
const options = {
  network: COMPACT_NETWORK,
  minMeters: 0.1,
  maxMeters: 100,
  classWeights: new Array<number>(COMPACT_NETWORK.classes).fill(1),
  segmentationWeight: 0.1,
};
const plane = [batchSize, height / scale, width / scale];
const inputs: Readonly<Record<string, TraceInput>> = {
  image: { shape: [batchSize, height, width, 3], dtype: 'float32' },
  disparity: { shape: [...plane, 1], dtype: 'float32' },
  weight: { shape: [...plane, 1], dtype: 'float32' },
  labels: { shape: plane, dtype: 'int32' },
};

interface Timing {
  readonly ms: number;
  readonly cpuMs: number;
}

async function timed(work: () => Promise<unknown>): Promise<Timing> {
  const cpu = process.cpuUsage();
  const begin = performance.now();
  await work();
  const ms = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1000 };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function batchData(): Record<string, TensorBuffer> {
  const size = (name: string): number => tf.util.sizeFromShape([...(inputs[name]?.shape ?? [])]);
  return {
    image: Float32Array.from({ length: size('image') }, (_, i) => Math.sin(i * 0.37)),
    disparity: Float32Array.from({ length: size('disparity') }, (_, i) => 0.06 + 0.05 * Math.sin(i * 0.01)),
    weight: new Float32Array(size('weight')).fill(1),
    labels: Int32Array.from({ length: size('labels') }, (_, i) => i % 19),
  };
}

/** Loss and gradients by eager TensorFlow.js; reads all of them, as the compiled step delivers them. */
function eagerStep(
  parameters: Parameters,
  data: Readonly<Record<string, TensorBuffer>>,
): () => Promise<void> {
  const tensors: Record<string, tf.Tensor> = {};
  for (const [name, { spec, values }] of parameters) {
    const [h = 0, w = 0, i = 0, o = 0] = spec.shape;
    tensors[name] =
      spec.shape.length === 4
        ? tf.tensor(values, [o, i, h, w]).transpose([2, 3, 1, 0])
        : tf.tensor(values, [...spec.shape]);
  }
  const batch: Record<string, tf.Tensor> = {};
  for (const [name, { shape, dtype }] of Object.entries(inputs))
    batch[name] = tf.tensor(data[name] ?? [], [...shape], dtype);
  const trainable = [...parameters].filter(([, { spec }]) => spec.trainable).map(([name]) => name);
  return async () => {
    tf.tidy(() => {
      const gradients = tf.grads((...xs: tf.Tensor[]) => {
        const given = Object.fromEntries(trainable.map((name, i) => [name, xs[i] ?? tf.scalar(0)]));
        return supervisedLoss({ ...tensors, ...given }, batch as unknown as SupervisedBatch, options).loss; // as declared above
      })(trainable.map((name) => tensors[name] ?? tf.scalar(0)));
      for (const gradient of gradients) gradient.dataSync();
    });
  };
}

await tf.setBackend('wasm');
registerWasmFilterGradient();
const parameters = initialParameters(networkParameters(COMPACT_NETWORK), 1);
const data = batchData();
const compileBegin = performance.now();
const compiled = await compileTrainingStep({
  parameters: Object.fromEntries(
    [...parameters].map(([name, { spec }]) => [
      name,
      { shape: spec.shape, layout: spec.shape.length === 4 ? 'OIHW' : 'logical', trainable: spec.trainable },
    ]),
  ),
  batch: inputs,
  loss: (weights, batch) => supervisedLoss(weights, batch as unknown as SupervisedBatch, options), // as declared above
  options: { threads: 1 },
});
const compileMs = performance.now() - compileBegin;
const values = Object.fromEntries([...parameters].map(([name, parameter]) => [name, parameter.values]));
const runs: Record<'compiled' | 'wasm', () => Promise<unknown>> = {
  compiled: () => compiled.step(values, data),
  wasm: eagerStep(parameters, data),
};
const timings: Record<'compiled' | 'wasm', Timing[]> = { compiled: [], wasm: [] };
for (let round = 0; round <= rounds; round++) {
  for (const kind of ['compiled', 'wasm'] as const) {
    const timing = await timed(runs[kind]);
    if (round > 0) timings[kind].push(timing); // the first warms up
  }
}
await compiled.close();
const summary = Object.fromEntries(
  (['compiled', 'wasm'] as const).map((kind) => [
    kind,
    {
      ms: Math.round(median(timings[kind].map(({ ms }) => ms))),
      cpuMs: Math.round(median(timings[kind].map(({ cpuMs }) => cpuMs))),
    },
  ]),
);
console.log(`compact network, ${width}x${height}, batch ${batchSize}, one thread, median of ${rounds}`);
console.table(summary);
console.log(
  `tracing and compiling: ${Math.round(compileMs)} ms; peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
);
console.log(
  JSON.stringify({
    bench: 'training-step',
    width,
    height,
    batchSize,
    ...summary,
    speedup: Number(((summary.wasm?.ms ?? 0) / (summary.compiled?.ms ?? 1)).toFixed(2)),
    cpuSpeedup: Number(((summary.wasm?.cpuMs ?? 0) / (summary.compiled?.cpuMs ?? 1)).toFixed(2)),
  }),
);
