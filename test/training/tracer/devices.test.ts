import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { deviceAbsence } from '../../../models/device-presence.js';
import { euclideanNorm } from '../../../training/optimizers/euclidean-norm.js';
import { LossScale } from '../../../training/optimizers/loss-scale.js';
import type { CompileOptions } from '../../../training/tracer/compile.js';
import { compileTrainingStep, type LossResult } from '../../../training/tracer/compile-training-step.js';
import { floats, relativeError } from './parity.js';

type Tensors = Record<string, tf.Tensor>;

const [BATCH, SIZE] = [2, 16];
/** Six channels, as two images have together: what onnxruntime's WebGPU provider gets wrong by itself. */
const SHAPES = { first: [7, 7, 6, 8], second: [3, 3, 8, 12], third: [3, 3, 12, 4] } as const;
const border = (n: number): [[number, number], [number, number], [number, number], [number, number]] => [
  [0, 0],
  [n, n],
  [n, n],
  [0, 0],
];

/** Convolutions with and without stride, max pooling, activations: what the providers do differently. */
function loss(p: Tensors, { image }: Tensors): LossResult {
  const conv = (x: tf.Tensor4D, name: string, stride: number, pad: number): tf.Tensor4D =>
    tf.conv2d(x, p[name] as tf.Tensor4D, stride, border(pad));
  const first = tf.relu(conv(image as tf.Tensor4D, 'first', 2, 3));
  const pooled = tf.maxPool(first, 3, 2, border(1) as unknown as number);
  const second = tf.elu(conv(pooled, 'second', 1, 1));
  return { loss: conv(second, 'third', 2, 1).square().mean(), metrics: {} };
}

const samples = Object.fromEntries(
  Object.entries(SHAPES).map(([name, shape]) => [name, floats(shape, (x) => 0.3 * x)]),
);
const image = floats([BATCH, SIZE, SIZE, 6]);

async function stepOn(options: CompileOptions) {
  const step = await compileTrainingStep({
    parameters: Object.fromEntries(
      Object.entries(SHAPES).map(([name, shape]) => [
        name,
        { shape, layout: 'OIHW' as const, trainable: true },
      ]),
    ),
    batch: { image: { ...image, layout: 'NCHW' } },
    loss,
    options: { threads: 1, ...options },
  });
  const values = Object.fromEntries(Object.entries(samples).map(([name, { data }]) => [name, data]));
  let result = await step.step(values, { image: image.data });
  // In mixed precision the loss scale finds its value first.
  for (let i = 0; i < 16 && !Number.isFinite(euclideanNorm(result.gradients)); i++) {
    result = await step.step(values, { image: image.data });
  }
  const gradients = Object.entries(result.gradients).map(([name, data]) => [name, data.slice()] as const);
  const { device } = step.compiled;
  await step.close();
  return { loss: result.loss, gradients: Object.fromEntries(gradients), device };
}

test.serial('mixed precision is refused on the CPU, with what to do', async (t) => {
  await t.throwsAsync(stepOn({ precision: 'mixed' }), {
    name: 'TrainingError',
    message: /expected `single` on the CPU, got mixed.*cuda or webgpu/,
  });
});

test.serial(
  'a device that is absent is an error that says what is missing, never the CPU instead',
  async (t) => {
    if (deviceAbsence('cuda') === undefined) {
      t.pass('there is an NVIDIA GPU here');
      return;
    }
    await t.throwsAsync(stepOn({ device: 'cuda' }), {
      name: 'ModelError',
      message: /Device `cuda` is not available: .*(installed|NVIDIA GPU|linux\/x64)/,
    });
  },
);

test.serial('auto takes the CPU where there is no GPU', async (t) => {
  if (deviceAbsence('cuda') === undefined || deviceAbsence('webgpu') === undefined) {
    t.pass('there is a GPU here');
    return;
  }
  t.is((await stepOn({ device: 'auto' })).device, 'cpu');
});

for (const [device, precision, tolerance] of [
  ['webgpu', 'single', 1e-4],
  ['webgpu', 'mixed', 2e-2],
  ['cuda', 'single', 1e-3],
  ['cuda', 'mixed', 2e-2],
] as const) {
  // A software adapter does for WebGPU: RXDEPTH_WEBGPU=1 says that there is one.
  const wanted =
    device === 'webgpu' ? process.env.RXDEPTH_WEBGPU === '1' : deviceAbsence(device) === undefined;
  test.serial(`loss and gradients on ${device}, ${precision} precision, are those of the CPU`, async (t) => {
    if (!wanted) {
      t.log(`skipped: no ${device} here (RXDEPTH_WEBGPU=1 runs the WebGPU tests)`);
      t.pass();
      return;
    }
    const expected = await stepOn({});
    const actual = await stepOn({ device, precision });
    t.is(actual.device, device);
    t.true(Math.abs(actual.loss / expected.loss - 1) < tolerance, `${actual.loss} ${expected.loss}`);
    for (const [name, data] of Object.entries(expected.gradients)) {
      const shape = [data.length];
      const error = relativeError({ shape, data: actual.gradients[name] ?? data.fill(0) }, { shape, data });
      t.true(error < tolerance, `${name}: ${error}`);
    }
  });
}

test('the loss scale is halved by every overflow and doubled after long quiet', (t) => {
  const scale = new LossScale(1024);
  scale.observe(false);
  t.deepEqual(scale.value, Float32Array.of(512));
  for (let i = 0; i < 1999; i++) scale.observe(true);
  t.deepEqual(scale.value, Float32Array.of(512));
  scale.observe(true);
  t.deepEqual(scale.value, Float32Array.of(1024));
});
