import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { sizeOf } from '../../../../training/onnx/tensor-data.js';
import { batchNormTraining } from '../../../../training/ops/batch-norm-training.js';
import { reflectionPad } from '../../../../training/ops/reflection-pad.js';
import { compile } from '../../../../training/tracer/compile.js';
import {
  compileTrainingStep,
  type LossResult,
  lossAndGradients,
} from '../../../../training/tracer/compile-training-step.js';
import { liveNodes } from '../../../../training/tracer/lower/lower-trace.js';
import {
  type Recomputation,
  recomputeActivations,
} from '../../../../training/tracer/trace/recompute-activations.js';
import { record } from '../../../../training/tracer/trace/record.js';
import type { Trace } from '../../../../training/tracer/trace/trace.js';
import { floats } from '../parity.js';

type Tensors = Record<string, tf.Tensor>;

const LAYERS = 12;
const SHAPE = [1, 48, 48, 4];
const PARAMETERS = Object.fromEntries(
  Array.from({ length: LAYERS }, (_, i) => [
    [`w${i}`, [3, 3, 4, 4]],
    [`gamma${i}`, [4]],
    [`beta${i}`, [4]],
  ]).flat(),
) as Record<string, number[]>;

/** Residual layers with normalisation: what a deep network keeps for its backward pass. */
function loss(p: Tensors, { image }: Tensors): LossResult {
  let x = image as tf.Tensor4D;
  const updates: Tensors = {};
  for (let i = 0; i < LAYERS; i++) {
    const y = tf.conv2d(reflectionPad(x, 1), p[`w${i}`] as tf.Tensor4D, 1, 'valid');
    const normal = batchNormTraining(y, p[`gamma${i}`] as tf.Tensor1D, p[`beta${i}`] as tf.Tensor1D, 1e-5);
    updates[`mean${i}`] = normal.mean;
    x = tf.elu(normal.output).add(tf.sigmoid(x));
  }
  return { loss: x.square().mean(), metrics: { mean: x.mean() }, updates };
}

function traced(): Trace {
  const names = Object.keys(PARAMETERS);
  const inputs = Object.fromEntries([
    ...names.map((name) => [`p:${name}`, { shape: PARAMETERS[name] ?? [], dtype: 'float32' as const }]),
    ['b:image', { shape: SHAPE, dtype: 'float32' as const }],
  ]);
  return record(
    (tensors) => lossAndGradients(tensors, { names, trainable: names, batchNames: ['image'], loss }),
    inputs,
  );
}

/** The most elements that are alive at once where nodes run in the trace's order. */
function peakElements(trace: Trace): number {
  const nodes = liveNodes(trace);
  const lastRead = new Map<number, number>();
  for (const [i, { inputs }] of nodes.entries())
    for (const { id } of Object.values(inputs)) lastRead.set(id, i);
  for (const { id } of Object.values(trace.outputs)) lastRead.set(id, nodes.length);
  const ends = new Map<number, number>();
  let [alive, peak] = [0, 0];
  for (const [i, { outputs }] of nodes.entries()) {
    for (const { id, shape } of outputs) {
      alive += sizeOf(shape);
      const end = Math.max(i, lastRead.get(id) ?? i);
      ends.set(end, (ends.get(end) ?? 0) + sizeOf(shape));
    }
    peak = Math.max(peak, alive);
    alive -= ends.get(i) ?? 0;
  }
  return peak;
}

const values = Object.fromEntries(
  Object.keys(PARAMETERS).map((name) => [name, floats(PARAMETERS[name] ?? [], (x) => 0.3 * x + 0.1).data]),
);
const image = floats(SHAPE).data;

async function stepWith(recompute: Recomputation) {
  const step = await compileTrainingStep({
    parameters: Object.fromEntries(
      Object.entries(PARAMETERS).map(([name, shape]) => [name, { shape, trainable: true }]),
    ),
    batch: { image: { shape: SHAPE, dtype: 'float32' } },
    loss,
    options: { threads: 1, recompute },
  });
  const result = await step.step(values, { image });
  const copy = structuredClone(result);
  await step.close();
  return copy;
}

for (const what of ['cheap', 'all'] as const) {
  test.serial(
    `recomputing ${what} leaves loss, metrics, statistics and gradients as they are, to the bit`,
    async (t) => {
      t.deepEqual(await stepWith(what), await stepWith('none'));
    },
  );
}

test.serial('the more is recomputed the less is kept', (t) => {
  const trace = traced();
  const [none, cheap, all] = [
    trace,
    recomputeActivations(trace, 'cheap'),
    recomputeActivations(trace, 'all'),
  ].map(peakElements) as [number, number, number];
  t.true(cheap < 0.8 * none, `${cheap} of ${none}`);
  t.true(all < 0.6 * none, `${all} of ${none}`);
});

test.serial('convolutions run twice only where all is recomputed', (t) => {
  const convolutions = (trace: Trace): number =>
    trace.nodes.filter(({ kernelName }) => kernelName === 'Conv2D').length;
  const trace = traced();
  t.is(convolutions(recomputeActivations(trace, 'cheap')), convolutions(trace));
  t.true(convolutions(recomputeActivations(trace, 'all')) > convolutions(trace) + LAYERS / 2);
});

test.serial('a function without a backward pass cannot recompute', async (t) => {
  await t.throwsAsync(
    compile(({ x }) => ({ y: tf.relu(x) }), { x: { shape: [2], dtype: 'float32' } }, { recompute: 'all' }),
    { name: 'TrainingError', message: /expected a training step/ },
  );
});
