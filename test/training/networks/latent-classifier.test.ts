import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { latentClassifier } from '../../../training/networks/latent-classifier.js';
import { disagreement } from '../tracer/disagreement.js';
import { networkCase, parametersOf, slopeError } from './network-case.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

test('three convolutions halve the channels of the bottleneck, a fourth says the domain', (t) => {
  const { shapes, trainable } = parametersOf(latentClassifier, [1, 1, 1, 512]);
  t.deepEqual(
    [0, 1, 2, 3].map((i) => shapes[`${i}.weight`]),
    [
      [4, 4, 512, 256],
      [4, 4, 256, 128],
      [4, 4, 128, 64],
      [4, 4, 64, 1],
    ],
  );
  // 16 (512 x 256 + 256 x 128 + 128 x 64 + 64) + 256 + 128 + 64 + 1
  t.is(trainable, 2_753_985);
});

test('every place of a bottleneck has a logit, however small it is', (t) => {
  for (const [height, width] of [
    [6, 20],
    [2, 6],
    [1, 1],
  ] as const) {
    const { samples, fn } = networkCase(latentClassifier, [2, height, width, 8], false);
    const inputs = Object.entries(samples).map(([name, { shape, data }]) => [
      name,
      tf.tensor(data, [...shape]),
    ]);
    t.deepEqual(fn(Object.fromEntries(inputs)).shape, [2, height, width, 1]);
  }
});

test('the gradient agrees with finite differences, and a compiled step computes the same', async (t) => {
  const network = networkCase(latentClassifier, [1, 3, 4, 8], true);
  const slope = slopeError(network);
  t.true(slope < 1e-2, `${slope}`);
  const error = await disagreement(network.fn, network.samples);
  t.true(error < 1e-4, `${error}`);
});
