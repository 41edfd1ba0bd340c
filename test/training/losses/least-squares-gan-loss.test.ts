import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { leastSquaresGanLoss } from '../../../training/losses/least-squares-gan-loss.js';
import { disagreement } from '../tracer/disagreement.js';
import { floats } from '../tracer/parity.js';
import { gradientError } from './gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const scores = tf.tensor2d([1, -1, 0.5, 3], [2, 2]);
const scalar = (x: tf.Scalar): number => x.dataSync()[0];

test('a worked example towards real and towards generated', (t) => {
  t.is(scalar(leastSquaresGanLoss(scores, 1)), (0 + 4 + 0.25 + 4) / 4 / 2);
  t.is(scalar(leastSquaresGanLoss(scores, 0)), (1 + 1 + 0.25 + 9) / 4 / 2);
  t.is(scalar(leastSquaresGanLoss(scores, scores)), 0);
});

test('the gradient agrees with finite differences and with the formula', (t) => {
  t.true(gradientError((x) => leastSquaresGanLoss(x, 1), scores) < 1e-3);
  const gradient = tf
    .grad((x) => leastSquaresGanLoss(x, 1))(scores)
    .dataSync();
  t.deepEqual([...gradient], [0, -0.5, -0.125, 0.5]);
});

test('a compiled step computes the same', async (t) => {
  const error = await disagreement(({ x, y }) => leastSquaresGanLoss(x, y), {
    x: floats([2, 5]),
    y: floats([2, 5]),
  });
  t.true(error < 1e-4, `${error}`);
});

test('a target of another shape is refused by name, though it would broadcast', (t) => {
  t.throws(() => leastSquaresGanLoss(scores, tf.ones([1, 2])), {
    name: 'TrainingError',
    message: /^target: .*\[2, 2\].*got \[1, 2\]/,
  });
});
