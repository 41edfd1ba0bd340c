import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { batchNormTraining } from '../../../training/ops/batch-norm-training.js';
import { reflectionPad } from '../../../training/ops/reflection-pad.js';
import { upsampleNearest } from '../../../training/ops/upsample-nearest.js';
import { Adam } from '../../../training/optimizers/adam.js';
import { Sgd } from '../../../training/optimizers/sgd.js';
import { compileTrainingStep, type LossResult } from '../../../training/tracer/compile-training-step.js';
import { floats, integers, relativeError, type Samples, useEagerBackend } from './parity.js';

type Tensors = Record<string, tf.Tensor>;

const HEIGHT = 16;
const WIDTH = 24;
const CLASSES = 5;

/** Filters by name: [height, width, in, out]. */
const FILTERS: Readonly<Record<string, readonly [number, number, number, number]>> = {
  stem: [7, 7, 3, 8],
  down: [3, 3, 8, 16],
  shortcut: [1, 1, 8, 16],
  block: [3, 3, 16, 16],
  up1: [3, 3, 16, 8],
  up2: [3, 3, 16, 8],
  disparity: [3, 3, 8, 1],
  classes: [3, 3, 8, CLASSES],
};
const NORMALISED = { stem: 8, down: 16, block: 16 } as const;

const border = (n: number): [[number, number], [number, number], [number, number], [number, number]] => [
  [0, 0],
  [n, n],
  [n, n],
  [0, 0],
];

/** A small U-Net: strided and residual convolutions with batch norm, pooling, a skip connection, two heads. */
function loss(p: Tensors, batch: Tensors): LossResult {
  const updates: Record<string, tf.Tensor> = {};
  const conv = (name: string, x: tf.Tensor4D, stride: number, pad: number): tf.Tensor4D =>
    tf.conv2d(x, p[`${name}.weight`] as tf.Tensor4D, stride, border(pad));
  const norm = (name: keyof typeof NORMALISED, x: tf.Tensor4D): tf.Tensor4D => {
    const [gamma, beta] = [p[`${name}.gamma`], p[`${name}.beta`]] as [tf.Tensor1D, tf.Tensor1D];
    const { output, mean, variance } = batchNormTraining(x, gamma, beta, 1e-5);
    updates[`${name}.mean`] = mean;
    updates[`${name}.variance`] = variance;
    return output;
  };
  const stem = tf.relu(norm('stem', conv('stem', batch.image as tf.Tensor4D, 2, 3)));
  const pooled = tf.maxPool(stem, 3, 2, border(1) as unknown as number);
  const down = tf.relu(
    norm('down', conv('down', pooled, 1, 1)).add<tf.Tensor4D>(conv('shortcut', pooled, 1, 0)),
  );
  const deep = tf.leakyRelu(norm('block', conv('block', down, 1, 1)), 0.1);
  const up1 = tf.elu(conv('up1', reflectionPad(deep, 1), 1, 0).add<tf.Tensor4D>(p['up1.bias']));
  const joined = tf.concat([upsampleNearest(up1, 2), stem], 3);
  const up2 = upsampleNearest(tf.elu(conv('up2', joined, 1, 1)), 2);
  const logits = conv('disparity', up2, 1, 1).add<tf.Tensor4D>(p['disparity.bias']);
  const disparity = tf.sigmoid(logits).mul<tf.Tensor4D>(0.5).add<tf.Tensor4D>(0.01);
  const error = tf.log(disparity).sub<tf.Tensor4D>(tf.log(batch.disparity));
  const right = error.slice([0, 0, 1, 0], [2, HEIGHT, WIDTH - 1, 1]);
  const left = error.slice([0, 0, 0, 0], [2, HEIGHT, WIDTH - 1, 1]);
  const depth = error.abs().mean<tf.Scalar>().add<tf.Scalar>(right.sub(left).abs().mean().mul(0.5));
  const scores = conv('classes', up2, 1, 1);
  const target = tf.oneHot(batch.labels as tf.Tensor3D, CLASSES).toFloat();
  const logProbabilities = scores.sub(tf.logSumExp(scores, 3, true));
  const segmentation = target
    .mul(logProbabilities)
    .sum<tf.Scalar>()
    .neg()
    .div<tf.Scalar>(target.sum().add(1));
  return { loss: depth.add(segmentation), metrics: { depth, segmentation }, updates };
}

function parameters(): Samples {
  const samples: Record<string, Samples[string]> = {};
  for (const [name, shape] of Object.entries(FILTERS)) {
    const scale = Math.sqrt(3 / (shape[0] * shape[1] * shape[2]));
    samples[`${name}.weight`] = floats(shape, (value) => value * scale);
  }
  for (const [name, channels] of Object.entries(NORMALISED)) {
    samples[`${name}.gamma`] = floats([channels], (value) => 1 + 0.2 * value);
    samples[`${name}.beta`] = floats([channels], (value) => 0.1 * value);
  }
  samples['up1.bias'] = floats([8], (value) => 0.1 * value);
  samples['disparity.bias'] = floats([1]);
  return samples;
}

const batch: Samples = {
  image: floats([2, HEIGHT, WIDTH, 3]),
  disparity: floats([2, HEIGHT, WIDTH, 1], (value) => 0.1 + 0.08 * value),
  labels: integers([2, HEIGHT, WIDTH], 0, CLASSES + 1),
};

/** `data` of a filter between HWIO and OIHW. */
function reorder(data: Float32Array, shape: readonly number[], perm: number[]): Float32Array {
  return tf.tidy(
    () =>
      tf
        .tensor(data, [...shape])
        .transpose(perm)
        .dataSync() as Float32Array,
  );
}

function compiledStep() {
  const samples = parameters();
  return compileTrainingStep({
    parameters: Object.fromEntries(
      Object.entries(samples).map(([name, { shape }]) => [
        name,
        { shape, layout: shape.length === 4 ? ('OIHW' as const) : ('logical' as const), trainable: true },
      ]),
    ),
    batch: { ...batch, image: { ...batch.image, layout: 'NCHW' } },
    loss,
    options: { threads: 1 },
  });
}

/** Parameter values as the compiled step takes them. */
function physical(samples: Samples): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(samples).map(([name, { shape, data }]) => {
      const values = data as Float32Array;
      return [name, shape.length === 4 ? reorder(values, shape, [3, 2, 0, 1]) : values.slice()];
    }),
  );
}

const feeds = {
  image: reorder(batch.image.data as Float32Array, batch.image.shape, [0, 3, 1, 2]),
  disparity: batch.disparity.data,
  labels: batch.labels.data,
};

test.before(useEagerBackend);

test.serial(
  'loss, metrics, statistics and all gradients of a U-Net equal those of eager TensorFlow.js',
  async (t) => {
    const samples = parameters();
    const names = Object.keys(samples);
    const tensor = ({ shape, dtype, data }: Samples[string]): tf.Tensor => tf.tensor(data, [...shape], dtype);
    const p = Object.fromEntries(Object.entries(samples).map(([name, sample]) => [name, tensor(sample)]));
    const b = Object.fromEntries(Object.entries(batch).map(([name, sample]) => [name, tensor(sample)]));
    const eager: LossResult[] = [];
    const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
      const result = loss(Object.fromEntries(names.map((name, i) => [name, tensors[i]])), b);
      const kept = Object.values({ ...result.metrics, ...result.updates });
      for (const item of kept) tf.keep(item);
      eager.push(result);
      return result.loss;
    })(names.map((name) => p[name]));

    const step = await compiledStep();
    const result = await step.step(physical(samples), feeds);
    await step.close();
    t.true(Math.abs(result.loss - value.dataSync()[0]) < 1e-5 * Math.abs(result.loss));
    for (const [name, metric] of Object.entries(eager[0].metrics ?? {})) {
      t.true(Math.abs(result.metrics[name] - metric.dataSync()[0]) < 1e-5, name);
    }
    for (const [name, update] of Object.entries(eager[0].updates ?? {})) {
      const error = relativeError(
        { shape: update.shape, data: result.updates[name] },
        { shape: update.shape, data: update.dataSync() },
      );
      t.true(error < 1e-4, `${name}: ${error}`);
    }
    for (const [i, name] of names.entries()) {
      const { shape } = samples[name];
      const expected = grads[i].dataSync() as Float32Array;
      const inOrder = shape.length === 4 ? reorder(expected, shape, [3, 2, 0, 1]) : expected;
      const error = relativeError({ shape, data: result.gradients[name] }, { shape, data: inOrder });
      t.true(error < 1e-4, `${name}: ${error}`);
    }
  },
);

for (const [name, make, rate] of [
  ['Adam', () => new Adam(), 0.01],
  ['SGD with momentum', () => new Sgd({ momentum: 0.9 }), 0.02],
] as const) {
  test.serial(`a few steps of ${name} reduce the loss`, async (t) => {
    const step = await compiledStep();
    const values = physical(parameters());
    const optimizer = make();
    const first = (await step.step(values, feeds)).loss;
    for (let i = 0; i < 15; i++) {
      const { gradients } = await step.step(values, feeds);
      optimizer.update(values, gradients, rate);
    }
    const last = (await step.step(values, feeds)).loss;
    await step.close();
    t.true(last < 0.8 * first, `${first} ${last}`);
  });
}

test.serial('the same step gives the same bits', async (t) => {
  const step = await compiledStep();
  const values = physical(parameters());
  const once = await step.step(values, feeds);
  const gradients = Object.fromEntries(Object.entries(once.gradients).map(([name, g]) => [name, g.slice()]));
  const again = await step.step(values, feeds);
  await step.close();
  t.is(again.loss, once.loss);
  t.deepEqual(again.gradients, gradients);
});

test.serial('a trainable parameter that the loss does not use is named', async (t) => {
  await t.throwsAsync(
    compileTrainingStep({
      parameters: { used: { shape: [2], trainable: true }, idle: { shape: [2], trainable: true } },
      batch: {},
      loss: ({ used }) => ({ loss: used.sum() }),
    }),
    { message: /`idle`/ },
  );
});

test.serial('a loss that is no scalar is refused', async (t) => {
  await t.throwsAsync(
    compileTrainingStep({
      parameters: { w: { shape: [2], trainable: true } },
      batch: {},
      loss: ({ w }) => ({ loss: w as tf.Scalar }),
    }),
    { message: /scalar.*got \[2\]/ },
  );
});
