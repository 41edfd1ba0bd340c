import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {
  type AdversarialLossOptions,
  discriminatorLoss,
  type Generator,
  generatorLoss,
  shownPair,
} from '../../../../training/methods/adversarial-depth/adversarial-loss.js';
import { patchDiscriminator } from '../../../../training/networks/patch-discriminator.js';
import { Scope } from '../../../../training/networks/scope.js';
import { gradientError } from '../../losses/gradients.js';
import { inventingScope } from '../../networks/eager-scope.js';
import { disagreement } from '../../tracer/disagreement.js';
import { floats } from '../../tracer/parity.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const SIDE = 24;
const OPTIONS: AdversarialLossOptions = {
  coding: { kind: 'linear', minMeters: 1, maxMeters: 80 },
  discriminator: { filters: 2, norm: 'none', spectral: true, initializer: { kind: 'xavierNormal' } },
  ...{ adversarial: true, adversarialWeight: 2, l1Weight: 100 },
};

const wave = (length: number, step: number, map: (value: number) => number) =>
  Float32Array.from({ length }, (_, i) => map(Math.sin(step * i)));
const plane = (values: Float32Array) => tf.tensor4d(values, [1, SIDE, SIDE, 1]);

/** Depths of 20 to 60 m; every third pixel is known, the first known one with little weight. */
function batch() {
  const pixels = SIDE * SIDE;
  const weight = Float32Array.from({ length: pixels }, (_, i) => (i === 0 ? 0.25 : i % 3 === 0 ? 1 : 0));
  return {
    image: tf.tensor4d(
      wave(pixels * 3, 0.9, (x) => x),
      [1, SIDE, SIDE, 3],
    ),
    disparity: plane(wave(pixels, 0.3, (x) => 1 / (40 + 20 * x))),
    weight: plane(weight),
    labels: tf.zeros([1, SIDE, SIDE], 'int32') as tf.Tensor3D,
  };
}

const predicted = () => plane(wave(SIDE * SIDE, 0.11, (x) => 0.4 * x));
const answering =
  (depth: tf.Tensor4D): Generator =>
  (_scope, _batch, truth, valid) => ({ depth, compared: { predicted: depth, truth, valid } });

const softplus = (x: number) => Math.log1p(Math.exp(x));
const mean = (values: Iterable<number>) => {
  const all = [...values];
  return all.reduce((sum, value) => sum + value, 0) / all.length;
};

test('the generator pays for L1 over what is known, a hundredfold, and for what the discriminator says', (t) => {
  const { scope } = inventingScope(false);
  const depth = predicted();
  const given = batch();
  const { loss, metrics, host } = generatorLoss(scope, given, answering(depth), OPTIONS);
  const [values, inverse, weights] = [depth, given.disparity, given.weight].map((x) => [...x.dataSync()]);
  let [sum, count] = [0, 0];
  for (const [i, weight] of weights.entries()) {
    const truth = 2 / ((inverse[i] ?? 0) * 80) - 1;
    sum += weight * Math.abs((values[i] ?? 0) - truth);
    count += weight;
  }
  const l1 = sum / count;
  const scores = patchDiscriminator(
    scope.child('discriminator'),
    shownPair(given.image, depth, given.weight),
    OPTIONS.discriminator,
  );
  const fooled = mean([...scores.dataSync()].map((score) => softplus(-score)));
  t.true(Math.abs((metrics?.l1?.dataSync()[0] ?? 0) - l1) < 1e-5);
  t.true(Math.abs((loss.dataSync()[0] ?? 0) - (100 * l1 + 2 * fooled)) < 1e-3);
  t.deepEqual(host?.generated?.shape, [1, SIDE, SIDE, 4]);
});

test('the discriminator sees depth where the truth is known, and the image everywhere', (t) => {
  const { image, weight } = batch();
  const pair = shownPair(image, tf.ones([1, SIDE, SIDE, 1]), weight).arraySync()[0] ?? [];
  t.is(pair[0]?.[0]?.[3], 1, 'however little weight it has');
  t.is(pair[0]?.[3]?.[3], 1);
  t.is(pair[0]?.[4]?.[3], 0);
  t.is(pair[0]?.[4]?.[0], image.arraySync()[0]?.[0]?.[4]?.[0]);
});

test('true and generated pairs that agree where the truth is known are one to the discriminator', (t) => {
  const given = batch();
  const truth = given.disparity
    .reciprocal()
    .mul<tf.Tensor4D>(2 / 80)
    .sub<tf.Tensor4D>(1);
  const holes = tf.scalar(1).sub(given.weight.greater(0).toFloat());
  const other = truth.add<tf.Tensor4D>(holes.mul(0.7));
  const difference = shownPair(given.image, truth, given.weight).sub(
    shownPair(given.image, other, given.weight),
  );
  t.true((difference.abs().max().dataSync()[0] ?? 1) < 1e-6);
});

test('the discriminator pays half of the cross-entropies of true and generated pairs', (t) => {
  const { scope } = inventingScope(false);
  const given = batch();
  const generated = shownPair(given.image, predicted(), given.weight);
  const { loss, metrics } = discriminatorLoss(scope, { ...given, generated }, OPTIONS);
  const truth = given.disparity
    .reciprocal()
    .mul<tf.Tensor4D>(2 / 80)
    .sub<tf.Tensor4D>(1);
  const scores = (pair: tf.Tensor4D) => [
    ...patchDiscriminator(scope.child('discriminator'), pair, OPTIONS.discriminator).dataSync(),
  ];
  const real = scores(shownPair(given.image, truth, given.weight));
  const fake = scores(generated);
  const expected = (mean(real.map((x) => softplus(-x))) + mean(fake.map(softplus))) / 2;
  t.true(Math.abs((loss.dataSync()[0] ?? 0) - expected) < 1e-5);
  const probability = mean(fake.map((x) => 1 / (1 + Math.exp(-x))));
  t.true(Math.abs((metrics?.generatedScore?.dataSync()[0] ?? 0) - probability) < 1e-5);
  t.throws(() => discriminatorLoss(scope, given, OPTIONS), { message: /expected `generated`/ });
});

test('without a discriminator L1 alone is left, or a likelihood alone', (t) => {
  const alone = { ...OPTIONS, adversarial: false };
  const { scope, specs } = inventingScope(false);
  const plain = generatorLoss(scope, batch(), answering(predicted()), alone);
  t.true(Math.abs((plain.loss.dataSync()[0] ?? 0) - 100 * (plain.metrics?.l1?.dataSync()[0] ?? 0)) < 1e-3);
  t.deepEqual([plain.host, specs.size], [undefined, 0]);
  const likely: Generator = (...args) => ({
    ...answering(predicted())(...args),
    likelihood: tf.scalar(3),
  });
  t.is(generatorLoss(scope, batch(), likely, alone).loss.dataSync()[0], 3);
});

test('gradients by the depth, through the discriminator, agree with finite differences', (t) => {
  const { scope } = inventingScope(false);
  const given = batch();
  const mild = { ...OPTIONS, l1Weight: 0.05 };
  // Only what is shown has a gradient; few pixels are enough.
  const error = gradientError(
    (few) => {
      const rest = predicted().reshape([-1]).slice([6]);
      const depth = tf.concat([few, rest]).reshape<tf.Tensor4D>([1, SIDE, SIDE, 1]);
      return generatorLoss(scope, given, answering(depth), mild).loss;
    },
    tf.tensor1d([0.3, -0.2, 0.1, 0.35, 0.05, -0.3]),
  );
  t.true(error < 2e-2, `${error}`);
});

test('a compiled step computes the same losses and gradients', async (t) => {
  const { scope, values, specs } = inventingScope(false);
  const given = batch();
  discriminatorLoss(
    scope,
    { ...given, generated: shownPair(given.image, predicted(), given.weight) },
    OPTIONS,
  );
  const samples: Record<string, ReturnType<typeof floats>> = {
    depth: floats([1, SIDE, SIDE, 1], (x) => 0.5 * x),
  };
  const states: Record<string, Float32Array> = {};
  for (const [name, value] of values) {
    const data = Float32Array.from(value.dataSync());
    if (specs.get(name)?.trainable) samples[name] = { shape: value.shape, dtype: 'float32', data };
    else states[name] = data;
  }
  const fn = ({ depth, ...weights }: Record<string, tf.Tensor>) => {
    const fixed = Object.entries(states).map(([name, data]) => [name, tf.tensor1d(data)] as const);
    const inner = Scope.over({ ...Object.fromEntries(fixed), ...weights }, false);
    const made = batch();
    const own = generatorLoss(inner, made, answering(depth as tf.Tensor4D), OPTIONS).loss;
    const generated = shownPair(made.image, depth as tf.Tensor4D, made.weight);
    return own.add(discriminatorLoss(inner, { ...made, generated }, OPTIONS).loss);
  };
  const error = await disagreement(fn, samples);
  t.true(error < 1e-4, `${error}`);
});
