import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { asTensors } from '../../../../training/datasets/batches/batch-schema.js';
import { supervised } from '../../../../training/methods/supervised/supervised.js';
import { Scope } from '../../../../training/networks/scope.js';
import { createOptimizer } from '../../../../training/optimizers/create-optimizer.js';
import { completeOptions } from '../../../../training/runs/complete-options.js';
import { declaredParameters } from '../../../../training/weights/network-parameters.js';
import { initialParameters } from '../../../../training/weights/parameters.js';
import { tensorsOf } from '../sgdepth/sgdepth-step.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const OPTIONS = completeOptions(supervised, {
  ...{ preset: 'narrow', encoderRate: 0.25, weightDecay: 0.1, segmentationWeight: 0.3, learningRate: 0.02 },
  stages: [{ width: 64, height: 32, steps: 1000 }],
} as object);
/** Pixels by trainId: road half, building a quarter, nothing else but what is rare. */
const COUNTS = [200, 0, 100, ...new Array<number>(15).fill(0), 100];

function updateOf() {
  const [phase] = supervised.phases(OPTIONS, { samples: { count: 4, classCounts: COUNTS } });
  const [update] = phase?.updates ?? [];
  if (update === undefined) throw new Error('expected an update');
  return update;
}

const near = (a: number | undefined, b: number, tolerance = 1e-6) =>
  Math.abs((a ?? Number.NaN) - b) < tolerance;

test('the encoder learns at its own rate, filters decay, biases do not, gradients are clipped to 5', (t) => {
  const optimizer = createOptimizer(updateOf().optimizer);
  const names = ['encoder.conv1.weight', 'depth.upconv_0_0.weight', 'depth.upconv_0_0.bias'] as const;
  const values = Object.fromEntries(names.map((name) => [name, Float32Array.of(1, 1)]));
  const gradients = {
    'encoder.conv1.weight': Float32Array.of(30, 0),
    'depth.upconv_0_0.weight': Float32Array.of(0, 40),
    'depth.upconv_0_0.bias': Float32Array.of(0, 0),
  };
  optimizer.update(values, gradients, 0.01);
  // Adam's first step: the rate where there is a gradient; decay: the rate times a tenth of the value.
  t.true(near(values['encoder.conv1.weight']?.[0], 1 - 0.0025 * 0.1 - 0.0025, 1e-5));
  t.true(near(values['encoder.conv1.weight']?.[1], 1 - 0.0025 * 0.1));
  t.true(near(values['depth.upconv_0_0.weight']?.[1], 1 - 0.01 * 0.1 - 0.01, 1e-5));
  t.deepEqual([...(values['depth.upconv_0_0.bias'] ?? [])], [1, 1]);
  const moments = optimizer.save().tensors;
  // The norm of all gradients is 50: a tenth of them counts, and a tenth of that is the first moment.
  t.true(near(moments['m:encoder.conv1.weight']?.[0], 0.3));
  t.true(near(moments['m:depth.upconv_0_0.weight']?.[1], 0.4));
});

test('the learning rate rises for a twentieth of the run, then falls by half a cosine to a hundredth', (t) => {
  const rate = (step: number) =>
    updateOf().learningRate({ step, steps: 1000, phaseStep: 0, phaseSteps: 1000 });
  t.true(near(rate(0), 0.02 / 50) && near(rate(49), 0.02) && near(rate(50), 0.02));
  t.true(near(rate(525), 0.02 * (0.01 + 0.99 / 2)));
  t.true(near(rate(999), 0.02 * 0.01, 1e-6));
});

test('the loss is that of log depth, 0.3 of the weighted cross-entropy, and little of the confidence', (t) => {
  const specs = declaredParameters((scope, image) => supervised.declare(scope, image, OPTIONS));
  const weights = tensorsOf(initialParameters(specs, 1));
  const constant = (name: string, bias: readonly number[]) => {
    weights[`${name}.weight`] = tf.zerosLike(weights[`${name}.weight`] as tf.Tensor);
    weights[`${name}.bias`] = tf.tensor1d([...bias]);
  };
  // Everything is 10 m away, and any class as likely as any other but road, e times as likely.
  const sigma = (1 / 10 - 1 / 100) / (1 / 0.1 - 1 / 100);
  constant('depth.dispconv_1', [Math.log(sigma / (1 - sigma))]);
  constant('segmentation.logits', [1, ...new Array<number>(18).fill(0)]);
  constant('confidence.logit', [0]);
  const labels = Array.from({ length: 16 * 32 }, (_, i) => [0, 2, 5, 255][i % 4] ?? 0);
  const batch = asTensors(supervised.batch, {
    image: tf.randomNormal([1, 32, 64, 3], 0, 1, 'float32', 2),
    // In truth the left half is 20 m away; the right half does not count.
    disparity: tf.fill([1, 16, 32, 1], 1 / 20),
    weight: tf.concat([tf.ones([1, 16, 16, 1]), tf.zeros([1, 16, 16, 1])], 2),
    labels: tf.tensor3d(labels, [1, 16, 32], 'int32'),
  });
  const { loss, metrics = {} } = updateOf().loss(Scope.over(weights, true), batch);
  const number = (x: tf.Tensor | undefined) => x?.dataSync()[0];
  // Differences between neighbours are none.
  t.true(near(number(metrics.depth), Math.log(2), 1e-4), String(number(metrics.depth)));
  const enet = (share: number) => 1 / Math.log(1.02 + share);
  const sum = Math.E + 18;
  const entropy =
    (enet(0.5) * -Math.log(Math.E / sum) + enet(0.25) * Math.log(sum) + enet(0) * Math.log(sum)) / 3;
  t.true(near(number(metrics.segmentation), entropy, 1e-3), `${number(metrics.segmentation)} ${entropy}`);
  // Even odds for an error of log 2: Laplace's scale is log 1.25 / log 2, and being within 25 % did not come true.
  const confidence = Math.LN2 ** 2 / Math.log(1.25) - Math.log(Math.LN2) + Math.LN2;
  t.true(near(number(metrics.confidence), confidence, 1e-3));
  t.true(near(number(loss), Math.log(2) + 0.3 * entropy + 0.01 * confidence, 1e-3));
});
