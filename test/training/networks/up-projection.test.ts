import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { Scope } from '../../../training/networks/scope.js';
import { upProjection } from '../../../training/networks/up-projection.js';
import { disagreement } from '../tracer/disagreement.js';
import { networkCase, parametersOf, slopeError } from './network-case.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const network = (scope: Scope, x: tf.Tensor4D) => upProjection(scope, x, { filters: 2 });

test('names and shapes are those of published implementations', (t) => {
  const { shapes } = parametersOf(network, [1, 2, 2, 3]);
  t.deepEqual(shapes['conv1.weight'], [5, 5, 3, 2]);
  t.deepEqual(shapes['conv1_2.weight'], [3, 3, 2, 2]);
  t.deepEqual(shapes['conv2.weight'], [5, 5, 3, 2]);
  for (const norm of ['bn1', 'bn1_2', 'bn2']) t.deepEqual(shapes[`${norm}.running_var`], [2]);
  t.is(Object.keys(shapes).length, 3 + 3 * 4);
});

test('the sum of both ways is rectified: a worked example', (t) => {
  // Filters that look at their centre alone.
  const centre = (size: 3 | 5, weight: number) =>
    tf
      .buffer(
        [size, size, 1, 1],
        'float32',
        Float32Array.from({ length: size * size }, (_, i) => (i === (size * size - 1) / 2 ? weight : 0)),
      )
      .toTensor();
  const norm = (name: string) => ({
    [`${name}.weight`]: tf.tensor1d([1]),
    [`${name}.bias`]: tf.tensor1d([0]),
    [`${name}.running_mean`]: tf.tensor1d([0]),
    [`${name}.running_var`]: tf.tensor1d([1 - 1e-5]),
  });
  const parameters = {
    'conv1.weight': centre(5, 1),
    'conv1_2.weight': centre(3, 3),
    'conv2.weight': centre(5, -1),
    ...norm('bn1'),
    ...norm('bn1_2'),
    ...norm('bn2'),
  };
  const y = upProjection(Scope.over(parameters, false), tf.tensor4d([-4, 4], [1, 1, 2, 1]), { filters: 1 });
  t.deepEqual(y.shape, [1, 2, 4, 1]);
  // Upsampled -4 -2 2 4; the first way gives three times its positive part, the second the opposite.
  const row = [4, 2, 4, 8];
  for (const [i, value] of y.dataSync().entries())
    t.true(Math.abs(value - row[i % 4]) < 1e-4, `${i}: ${value}`);
});

const trained = networkCase(network, [2, 3, 2, 2], true);

test('gradients agree with finite differences', (t) => {
  const error = slopeError(trained);
  t.true(error < 2e-2, `${error}`);
});

test('a compiled step computes the same', async (t) => {
  const error = await disagreement(trained.fn, trained.samples);
  t.true(error < 1e-4, `${error}`);
});
