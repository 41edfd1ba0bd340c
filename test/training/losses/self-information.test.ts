import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { selfInformation } from '../../../training/losses/self-information.js';
import { disagreement } from '../tracer/disagreement.js';
import { floats } from '../tracer/parity.js';
import { gradientError } from './gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-6;

test('a worked example: probabilities 1/8, 2/8 and 5/8', (t) => {
  const y = selfInformation(tf.tensor4d([0, Math.log(2), Math.log(5)], [1, 1, 1, 3])).dataSync();
  for (const [i, p] of [1 / 8, 2 / 8, 5 / 8].entries())
    t.true(near(y[i], (-p * Math.log(p)) / Math.log(3)), `${i}: ${y[i]}`);
});

test('equal classes sum up to one, certain ones to zero, also with huge logits', (t) => {
  const flat = selfInformation(tf.zeros([1, 1, 1, 16])).sum();
  t.true(near(flat.dataSync()[0], 1));
  const certain = selfInformation(tf.tensor4d([1e4, -1e4, 0], [1, 1, 1, 3])).dataSync();
  t.true(certain.every((value) => Math.abs(value) === 0));
});

test('the gradient agrees with finite differences', (t) => {
  const logits = tf.randomNormal<tf.Rank.R4>([1, 2, 2, 4], 0, 1.5, 'float32', 5);
  const weights = tf.randomNormal<tf.Rank.R4>([1, 2, 2, 4], 0, 1, 'float32', 6);
  const loss = (x: tf.Tensor) =>
    selfInformation(x as tf.Tensor4D)
      .mul(weights)
      .sum() as tf.Scalar;
  t.true(gradientError(loss, logits) < 5e-3);
});

test('a compiled step computes the same', async (t) => {
  const samples = { x: floats([2, 3, 2, 5], (value) => 5 * value) };
  const error = await disagreement(({ x }) => selfInformation(x as tf.Tensor4D), samples);
  t.true(error < 1e-4, `${error}`);
});

test('one class, or another rank, is refused by name', (t) => {
  t.throws(() => selfInformation(tf.ones([1, 2, 2, 1])), {
    name: 'TrainingError',
    message: /^logits: expected at least `2` classes.*got 1/,
  });
  t.throws(() => selfInformation(tf.ones([2, 2, 3]) as tf.Tensor as tf.Tensor4D), {
    name: 'TrainingError',
    message: /^logits: expected the shape/,
  });
});
