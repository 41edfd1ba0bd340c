import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { reverseGradient } from '../../../training/ops/reverse-gradient.js';
import { disagreement } from '../tracer/disagreement.js';
import { floats } from '../tracer/parity.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

test('values pass, gradients turn around and are scaled', (t) => {
  const x = tf.tensor1d([1, -3]);
  t.deepEqual([...reverseGradient(x).dataSync()], [1, -3]);
  const gradient = (strength?: number | tf.Scalar) => [
    ...tf
      .grad((input) => reverseGradient(input, strength).square().sum())(x)
      .dataSync(),
  ];
  t.deepEqual(gradient(), [-2, 6]);
  t.deepEqual(gradient(0.5), [-1, 3]);
  t.deepEqual(gradient(tf.scalar(2)), [-4, 12]);
});

test('a compiled step computes the same', async (t) => {
  const error = await disagreement(({ x }) => reverseGradient(x, 0.3).square(), { x: floats([2, 3]) });
  t.true(error < 1e-4, `${error}`);
});
