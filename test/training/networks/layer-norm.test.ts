import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { layerNorm } from '../../../training/networks/layer-norm.js';
import { Scope } from '../../../training/networks/scope.js';
import { disagreement } from '../tracer/disagreement.js';
import { floats } from '../tracer/parity.js';
import { slopeError } from './network-case.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

test('each image is normalised over pixels and channels, then each channel scaled and shifted', (t) => {
  const x = tf.tensor4d([1, 3, 5, 7, 10, 10, 10, 30], [2, 1, 2, 2]);
  const scope = Scope.over({ gamma: tf.tensor1d([1, 2]), beta: tf.tensor1d([0, 100]) }, true);
  const y = layerNorm(scope, x).dataSync();
  // Means 4 and 15; variances 5 and 75.
  const first = [-3, -1, 1, 3].map((value) => value / Math.sqrt(5));
  const second = [-5, -5, -5, 15].map((value) => value / Math.sqrt(75));
  for (const [i, value] of [...first, ...second].entries()) {
    const expected = i % 2 === 0 ? value : 100 + 2 * value;
    t.true(Math.abs(y[i] - expected) < 1e-4, `${i}: ${y[i]}`);
  }
});

const normalises = {
  samples: { x: floats([2, 3, 2, 3]), gamma: floats([3]), beta: floats([3]) },
  fn: ({ x, ...parameters }: Record<string, tf.Tensor>) =>
    layerNorm(Scope.over(parameters, true), x as tf.Tensor4D),
};

test('gradients agree with finite differences', (t) => {
  const error = slopeError(normalises);
  t.true(error < 5e-3, `${error}`);
});

test('a compiled step computes the same', async (t) => {
  const error = await disagreement(normalises.fn, normalises.samples);
  t.true(error < 1e-4, `${error}`);
});

test('parameters of another size are refused by name', (t) => {
  const scope = Scope.over({ gamma: tf.ones([2]), beta: tf.ones([3]) }, true);
  t.throws(() => layerNorm(scope, tf.ones([1, 2, 2, 3])), {
    name: 'TrainingError',
    message: /`gamma` has shape \[2\]/,
  });
});
