import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {
  type DadaNetworkOptions,
  dadaFeatures,
  dadaLogits,
  dadaOutputs,
  dadaUpsampled,
} from '../../../training/networks/dada-network.js';
import type { Scope } from '../../../training/networks/scope.js';
import { correctGradients } from '../../../training/tracer/gradients/correct-gradients.js';
import { disagreement } from '../tracer/disagreement.js';
import { inventingScope } from './eager-scope.js';
import { networkCase, parametersOf } from './network-case.js';

test.before(async () => {
  await tf.setBackend('cpu');
  correctGradients(); // eager TensorFlow.js has none of dilated convolutions
});

const DEEPLAB: DadaNetworkOptions = {
  ...{ trunk: { kind: 'resnet101', strideIn: '1x1' }, rates: [6, 12, 18, 24], classes: 16 },
  ...{ depth: true, featureFusion: true, depthScale: 655.36, outputScale: 0 },
};
const SMALL: DadaNetworkOptions = {
  ...DEEPLAB,
  ...{ trunk: { kind: 'resnet18', widths: [2, 2, 3, 3, 4], channels: 16 }, rates: [1, 2], classes: 3 },
  ...{ outputScale: 1, fusionBias: 1 },
};
const NARROW: DadaNetworkOptions = {
  ...DEEPLAB,
  ...{ trunk: { kind: 'resnet101', strideIn: '3x3', widths: [4, 8, 8, 12, 16] }, rates: [1, 2], classes: 3 },
};
const both = (options: DadaNetworkOptions) => (scope: Scope, x: tf.Tensor4D) => {
  const { logits, depth } = dadaOutputs(scope, x, options);
  return depth === undefined ? logits : tf.concat([logits, depth], 3);
};

test("the paper's network has the parameters of ResNet-101, the depth block and four classifiers", (t) => {
  const coarse = (scope: Scope, x: tf.Tensor4D) =>
    dadaLogits(scope, dadaFeatures(scope, x, DEEPLAB), DEEPLAB);
  const { trainable, shapes } = parametersOf(coarse, [1, 8, 8, 3]);
  const depth = 2048 * 512 + 512 + 9 * 512 * 512 + 512 + 512 * 128 + 128 + 128 * 2048 + 2048;
  t.is(trainable, 42_500_160 + depth + 4 * (9 * 2048 * 16 + 16));
  const networks = new Set(Object.keys(shapes).map((name) => name.split('.')[0]));
  t.deepEqual([...networks], ['encoder', 'depth', 'segmentation']);
});

test('outputs have the resolution of the picture, or half of it', (t) => {
  const { scope } = inventingScope(true);
  const shapes = (options: DadaNetworkOptions) => {
    const { logits, depth } = dadaOutputs(scope, tf.zeros([1, 64, 96, 3]), options);
    return [logits.shape, depth?.shape];
  };
  t.deepEqual(shapes(NARROW), [
    [1, 64, 96, 3],
    [1, 64, 96, 1],
  ]);
  const { scope: other } = inventingScope(true);
  const { logits, depth } = dadaOutputs(other, tf.zeros([1, 64, 96, 3]), SMALL);
  t.deepEqual(
    [logits.shape, depth?.shape],
    [
      [1, 32, 48, 3],
      [1, 32, 48, 1],
    ],
  );
  t.deepEqual(other.updates(), {}, 'no statistics are updated in training');
});

test("DeepLab's places lie on every eighth pixel from the first on", (t) => {
  const places = tf.range(0, 9).reshape<tf.Tensor4D>([1, 9, 1, 1]).tile<tf.Tensor4D>([1, 1, 2, 1]);
  const y = dadaUpsampled(places, NARROW);
  t.deepEqual(y.shape, [1, 64, 8, 1]);
  const column = y.slice([0, 0, 0, 0], [1, 64, 1, 1]).dataSync();
  t.true(column.every((value, pixel) => Math.abs(value - pixel / 8) < 1e-5));
});

test('without depth there is no depth block, without fusion no way back', (t) => {
  const names = (change: Partial<DadaNetworkOptions>) =>
    Object.keys(parametersOf(both({ ...SMALL, ...change }), [1, 64, 64, 3]).shapes).filter((name) =>
      name.startsWith('depth.'),
    );
  t.deepEqual(names({ depth: false, featureFusion: false }), []);
  t.false(names({ featureFusion: false }).some((name) => name.startsWith('depth.dec4')));
  t.true(names({}).some((name) => name.startsWith('depth.dec4')));
});

test('a compiled step computes the same, gradients too', async (t) => {
  const given = networkCase(both(SMALL), [1, 32, 32, 3], true);
  const error = await disagreement(given.fn, given.samples);
  t.true(error < 1e-4, `${error}`);
  // DeepLab's own way of upsampling; its trunk has a test of its own.
  const upsampled = networkCase((_scope, x) => dadaUpsampled(x, NARROW), [1, 4, 3, 2], true);
  t.true((await disagreement(upsampled.fn, upsampled.samples)) < 1e-5);
});
