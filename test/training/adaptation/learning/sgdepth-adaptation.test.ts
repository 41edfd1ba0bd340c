import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {
  ADAPTATION_BATCH,
  type SgdepthAdaptationOptions,
  sgdepthAdaptationLoss,
} from '../../../../training/adaptation/learning/sgdepth-adaptation.js';
import { asTensors } from '../../../../training/datasets/batches/batch-schema.js';
import { TrainingError } from '../../../../training/errors.js';
import { Scope } from '../../../../training/networks/scope.js';
import { networkParameters } from '../../../../training/weights/network-parameters.js';
import { initialParameters } from '../../../../training/weights/parameters.js';
import { gridOf, photometricErrors, shifted } from '../../losses/photometric-by-hand.js';
import { tensorsOf } from '../../methods/sgdepth/sgdepth-step.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const [HEIGHT, WIDTH] = [32, 64];
const OPTIONS: SgdepthAdaptationOptions = {
  network: {
    encoder: [2, 2, 2, 3, 3],
    decoder: { channels: [3, 3, 2, 2, 2], activation: 'relu', padding: 'zero' },
    ...{ outputScale: 0, disparityBias: 0, classes: 19 },
  },
  ...{ minMeters: 0.1, maxMeters: 100, canonicalFocalPixels: 10, statistics: 'joint' },
  classWeights: Array.from({ length: 19 }, (_, i) => 1 + (i % 3)),
  weights: { photometric: 3, smoothness: 0.1, keep: 0.7, segmentation: 0.2, labels: 0 },
};
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const number = (x: tf.Tensor | undefined) => x?.dataSync()[0] ?? Number.NaN;

const frame = (time: number) =>
  gridOf(
    WIDTH,
    HEIGHT,
    (x, y, c) =>
      0.5 + 0.25 * Math.sin(0.41 * x + 0.9 * time + c) + 0.2 * Math.cos(0.2 * y + 0.11 * x * (1 + time)),
  );
const [PREVIOUS, TARGET, NEXT] = [frame(0), frame(1), frame(2)];
const picture = (grid: ReturnType<typeof frame>) => tf.tensor4d([grid as number[][][]]);
/** sourceFromTarget of a camera that moves along x alone. */
const sideways = (meters: number) =>
  tf.tensor3d([1, 0, 0, meters, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], [1, 4, 4]);
const LABELS = Array.from({ length: HEIGHT * WIDTH }, (_, i) => [4, 9, 255][i % 3] ?? 0);
const halves = (left: number, right: number) =>
  tf.concat([tf.fill([1, HEIGHT, WIDTH / 2, 1], left), tf.fill([1, HEIGHT, WIDTH / 2, 1], right)], 2);

const batchOf = (change: Record<string, tf.Tensor | undefined> = {}) =>
  asTensors(ADAPTATION_BATCH, {
    image: tf.randomNormal([1, HEIGHT, WIDTH, 3], 0, 1, 'float32', 3),
    ...{ picture: picture(TARGET), previousPicture: picture(PREVIOUS), nextPicture: picture(NEXT) },
    intrinsics: tf.tensor2d([[20, 30, 31.5, 15.5]]),
    ...{ previousPose: sideways(0.6), nextPose: sideways(-1) },
    // The left half holds a car.
    mask: halves(0, 1),
    parentDisparity: tf.fill([1, HEIGHT, WIDTH, 1], 1 / 3),
    keep: halves(1, 0),
    sourceImage: tf.randomNormal([1, HEIGHT, WIDTH, 3], 0, 1, 'float32', 4),
    // In truth 4 m away; on the right nobody knows.
    sourceDisparity: halves(1 / 4, 9),
    sourceWeight: halves(1, 0),
    sourceLabels: tf.tensor3d(LABELS, [1, HEIGHT, WIDTH], 'int32'),
    ...change,
  });

function weights(): Record<string, tf.Tensor> {
  return tensorsOf(initialParameters(networkParameters(OPTIONS.network), 5));
}

test.serial('every term of the loss is what a wall makes of it, by hand', (t) => {
  const values = weights();
  const constant = (name: string, bias: readonly number[]) => {
    values[`${name}.weight`] = tf.zerosLike(values[`${name}.weight`] as tf.Tensor);
    values[`${name}.bias`] = tf.tensor1d([...bias]);
  };
  // The network says 2 m for its own camera of 10 px: 4 m for this one of 20 px.
  const sigma = (1 / 2 - 1 / 100) / (1 / 0.1 - 1 / 100);
  constant('depth.dispconv_0', [Math.log(sigma / (1 - sigma))]);
  constant(
    'segmentation.logits',
    Array.from({ length: 19 }, (_, i) => (i === 4 ? 1 : 0)),
  );
  const { loss, metrics } = sgdepthAdaptationLoss(Scope.over(values, true), batchOf(), OPTIONS);
  // 0.6 m at 4 m and 20 px are 3 px; the other neighbour is 5 px away on the other side.
  const candidates = [shifted(PREVIOUS, 3), shifted(NEXT, -5), PREVIOUS, NEXT].map((each) =>
    photometricErrors(TARGET, each),
  );
  const least = (candidates[0] ?? []).map((_, i) => Math.min(...candidates.map((each) => each[i] ?? 9)));
  const photometric = mean(least.map((error, i) => (i % WIDTH < WIDTH / 2 ? 0 : error)));
  const sum = Math.E + 18;
  const entropy = (2 * Math.log(sum / Math.E) + 1 * Math.log(sum)) / 2;
  const expected = {
    ...{ photometric, smoothness: 0, keep: Math.log(1.5) / 2, depth: Math.log(2), segmentation: entropy },
  };
  for (const [name, value] of Object.entries(expected)) {
    t.true(
      Math.abs(number(metrics[name]) - value) < 2e-4,
      `${name} ${number(metrics[name])}, by hand ${value}`,
    );
  }
  const whole = Math.log(2) + 0.2 * entropy + 3 * photometric + (0.7 * Math.log(1.5)) / 2;
  t.true(Math.abs(number(loss) - whole) < 1e-3, `${number(loss)}, by hand ${whole}`);
});

test.serial('smoothness counts beside the photometric error by beta', (t) => {
  const { loss, metrics } = sgdepthAdaptationLoss(Scope.over(weights(), true), batchOf(), OPTIONS);
  const of = (name: string) => number(metrics[name]);
  t.true(of('smoothness') > 1e-3);
  const others = of('depth') + 0.2 * of('segmentation') + 3 * of('photometric') + 0.7 * of('keep');
  t.true(Math.abs(number(loss) - others - 3 * 0.1 * of('smoothness')) < 1e-5);
});

test.serial(
  'with labels kept, only their loss is added, and it is the divergence from the labels of the parent',
  (t) => {
    const values = weights();
    values['segmentation.logits.weight'] = tf.zerosLike(values['segmentation.logits.weight'] as tf.Tensor);
    values['segmentation.logits.bias'] = tf.tensor1d(
      Array.from({ length: 19 }, (_, i) => (i === 11 ? 1 : 0)),
    );
    const keeping = { ...OPTIONS, weights: { ...OPTIONS.weights, labels: 0.4 } };
    const without = sgdepthAdaptationLoss(Scope.over(values, true), batchOf(), OPTIONS);
    // The parent is sure of class 2 by log 3; the learning network says class 11 by 1.
    const one = Array.from({ length: 19 }, (_, i) => (i === 2 ? Math.log(3) : 0));
    const parentLogits = tf.tile(tf.tensor4d([[[one]]]), [1, HEIGHT, WIDTH, 1]);
    const found = sgdepthAdaptationLoss(Scope.over(values, true), batchOf({ parentLogits }), keeping);
    const log = (logit: number) => logit - Math.log(Math.E + 18);
    const parent = (p: number) => p / 21;
    const byHand =
      parent(3) * (Math.log(parent(3)) - log(0)) +
      parent(1) * (Math.log(parent(1)) - log(1)) +
      17 * parent(1) * (Math.log(parent(1)) - log(0));
    t.true(
      Math.abs(number(found.metrics.labels) - byHand) < 1e-4,
      `${number(found.metrics.labels)}, by hand ${byHand}`,
    );
    // Statistics of a batch are those of drive and source together, so that the other terms are the same.
    t.true(Math.abs(number(found.loss) - number(without.loss) - 0.4 * byHand) < 1e-4);
    t.is(number(without.metrics.labels), 0);
  },
);

test.serial('a batch without the logits that are to be kept is refused', (t) => {
  const keeping = { ...OPTIONS, weights: { ...OPTIONS.weights, labels: 1 } };
  t.throws(() => sgdepthAdaptationLoss(Scope.over(weights(), true), batchOf(), keeping), {
    instanceOf: TrainingError,
    message: /`parentLogits`/,
  });
});

test.serial('a batch without poses is refused', (t) => {
  const { previousPose: _, ...rest } = batchOf();
  t.throws(() => sgdepthAdaptationLoss(Scope.over(weights(), true), rest, OPTIONS), {
    instanceOf: TrainingError,
    message: /`previousPose`/,
  });
});
