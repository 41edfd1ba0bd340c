import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { keptLabelsLoss } from '../../../training/losses/kept-labels-loss.js';
import { disagreement } from '../tracer/disagreement.js';
import { floats } from '../tracer/parity.js';
import { gradientError } from './gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const scalar = (x: tf.Scalar): number => x.dataSync()[0];
const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-5;
/** Logits of two pixels side by side: the logarithms of probabilities, and any constant. */
const pixels = (...all: readonly (readonly number[])[]) =>
  tf.tensor4d([[all.map((probabilities, i) => probabilities.map((p) => Math.log(p) + 3 * i - 1))]]);

test('a worked example: the mean over two pixels of sum p log(p / q)', (t) => {
  const parent = pixels([0.5, 0.25, 0.25], [0.1, 0.8, 0.1]);
  const learning = pixels([0.25, 0.5, 0.25], [0.1, 0.8, 0.1]);
  const byHand = (0.5 * Math.log(0.5 / 0.25) + 0.25 * Math.log(0.25 / 0.5)) / 2;
  t.true(near(scalar(keptLabelsLoss(learning, parent)), byHand), `${byHand}`);
  t.true(near(scalar(keptLabelsLoss(parent, parent)), 0));
});

test('certain logits stay finite, and pull on those that say otherwise', (t) => {
  const sure = tf.tensor4d([200, -200], [1, 1, 1, 2]);
  t.is(scalar(keptLabelsLoss(sure, sure)), 0);
  const [otherwise, gradient] = [
    scalar(keptLabelsLoss(sure.neg(), sure)),
    tf
      .grad((x) => keptLabelsLoss(x as tf.Tensor4D, sure))(sure.neg())
      .dataSync(),
  ];
  t.is(otherwise, 400);
  // Probabilities less the parent's.
  t.deepEqual([...gradient], [-1, 1]);
});

test('the gradient agrees with finite differences', (t) => {
  const logits = tf.tensor4d([-3, -1, 0, 0.5, 2, 4, 1, 1, -2, 0, 3, 1], [1, 2, 2, 3]);
  const parent = tf.tensor4d([0, 1, 0.3, 1, -4, 0.9, 2, 1, -1, 0, 0, 5], [1, 2, 2, 3]);
  const error = gradientError((x) => keptLabelsLoss(x as tf.Tensor4D, parent), logits);
  t.true(error < 5e-3, `${error}`);
});

test('a compiled step computes the same', async (t) => {
  const shape = [1, 2, 3, 4];
  const samples = { x: floats(shape, (value) => 5 * value), y: floats(shape, (value) => 3 - 4 * value) };
  const error = await disagreement(({ x, y }) => keptLabelsLoss(x as tf.Tensor4D, y as tf.Tensor4D), samples);
  t.true(error < 1e-4, `${error}`);
});

test('logits of other shapes are refused by name', (t) => {
  const logits = tf.ones<tf.Rank.R4>([1, 2, 2, 3]);
  t.throws(() => keptLabelsLoss(logits, tf.ones([1, 1, 1, 3])), {
    name: 'TrainingError',
    message: /^parentLogits/,
  });
});
