import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { berhuLoss } from '../../../training/losses/berhu-loss.js';
import { disagreement } from '../tracer/disagreement.js';
import { floats } from '../tracer/parity.js';
import { gradientError } from './gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const row = (...values: number[]) => tf.tensor4d(values, [1, 1, values.length, 1]);
const scalar = (x: tf.Scalar): number => x.dataSync()[0];
const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-5;

test('a worked example: small errors count by their size, large ones by their square', (t) => {
  // Errors 10, -1, 2 and 5: c = 2, the error of exactly c is still linear.
  const loss = berhuLoss(row(10, -1, 2, 5), row(0, 0, 0, 0));
  t.true(near(scalar(loss), ((100 + 4) / 4 + 1 + 2 + (25 + 4) / 4) / 4));
});

test('what is not valid has no share: not in the threshold, not in the mean, not in the gradient', (t) => {
  const truth = row(0, 0, 1000);
  const valid = row(1, 1, 0);
  const loss = (x: tf.Tensor) => berhuLoss(x as tf.Tensor4D, truth, valid);
  t.true(near(scalar(loss(row(5, 0.5, 3))), ((25 + 1) / 2 + 0.5) / 2)); // c = 1
  t.deepEqual(
    Array.from(
      tf
        .grad(loss)(row(5, 0.5, 3))
        .dataSync(),
    ).map(Math.abs),
    [2.5, 0.5, 0],
  );
  t.is(scalar(berhuLoss(row(1, 2, 3), truth, row(0, 0, 0))), 0);
});

test('right predictions have neither a loss nor a gradient that is no number', (t) => {
  const truth = row(1, 2, 3);
  t.is(scalar(berhuLoss(truth, truth)), 0);
  const gradient = tf
    .grad((x) => berhuLoss(x as tf.Tensor4D, truth))(truth)
    .dataSync();
  t.true(gradient.every((value) => Math.abs(value) === 0));
});

test('the gradient agrees with finite differences while the largest error stays', (t) => {
  const free = row(0.7, -0.3, 0.05, -0.02, 0.9, 0.5);
  const loss = (x: tf.Tensor) =>
    berhuLoss(tf.concat([x as tf.Tensor4D, row(1)], 2), tf.zeros([1, 1, 7, 1])) as tf.Scalar;
  t.true(gradientError(loss, free, 1e-2) < 5e-3);
});

test('a compiled step computes the same', async (t) => {
  const shape = [2, 3, 4, 1];
  const error = await disagreement(
    ({ x, y }) => berhuLoss(x as tf.Tensor4D, y as tf.Tensor4D, tf.ones([2, 3, 4, 1])),
    { x: floats(shape), y: floats(shape) },
  );
  t.true(error < 1e-4, `${error}`);
});

test('shapes that differ are refused by name, also where they would broadcast', (t) => {
  const [one, two] = [row(1), row(1, 2)];
  t.throws(() => berhuLoss(two, one), {
    name: 'TrainingError',
    message: /^truth: .*W = 2.*got \[1, 1, 1, 1\]/,
  });
  t.throws(() => berhuLoss(two, two, one), { name: 'TrainingError', message: /^valid: / });
  t.throws(() => berhuLoss(tf.ones([1, 2, 2, 3]), two), { name: 'TrainingError', message: /^predicted: / });
});
