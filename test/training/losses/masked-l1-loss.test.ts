import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { maskedL1Loss } from '../../../training/losses/masked-l1-loss.js';
import { disagreement } from '../tracer/disagreement.js';
import { floats } from '../tracer/parity.js';
import { gradientError } from './gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const row = (...values: number[]) => tf.tensor4d(values, [1, 1, values.length, 1]);
const scalar = (x: tf.Scalar): number => x.dataSync()[0];
const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-5;

test('a worked example: all pixels, by weight, in a range, and both', (t) => {
  const predicted = row(1, 5, 3, 90);
  const truth = row(0, 7, 80, 81); // errors 1, 2, 77, 9
  t.true(near(scalar(maskedL1Loss(predicted, truth)), 89 / 4));
  const valid = row(1, 0.5, 0, 0);
  t.true(near(scalar(maskedL1Loss(predicted, truth, { valid })), (1 + 0.5 * 2) / 1.5));
  const range = [0, 80] as const; // 0 does not count, 80 does
  t.true(near(scalar(maskedL1Loss(predicted, truth, { range })), (2 + 77) / 2));
  t.true(near(scalar(maskedL1Loss(predicted, truth, { range, valid })), 2));
});

test('channels share the weight of their pixel', (t) => {
  const predicted = tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 1, 2, 3]);
  const loss = maskedL1Loss(predicted, tf.zerosLike(predicted), { valid: row(1, 0) });
  t.true(near(scalar(loss), 2));
});

test('without any pixel that counts both loss and gradient are 0', (t) => {
  const loss = (x: tf.Tensor) => maskedL1Loss(x as tf.Tensor4D, row(90, 100), { range: [0, 80] });
  t.is(scalar(loss(row(1, 2))), 0);
  t.deepEqual([...tf.grad(loss)(row(1, 2)).dataSync()].map(Math.abs), [0, 0]);
});

test('the gradient agrees with finite differences', (t) => {
  const [predicted, truth] = [row(1, 5, 3, 90), row(0, 7, 80, 81)];
  const valid = row(1, 0.5, 0.2, 1);
  const loss = (x: tf.Tensor) => maskedL1Loss(x as tf.Tensor4D, truth, { range: [0, 80], valid });
  t.true(gradientError(loss, predicted, 0.25) < 5e-3);
});

test('a compiled step computes the same', async (t) => {
  const shape = [2, 3, 4, 1];
  const samples = { x: floats(shape), y: floats(shape), m: floats(shape, (value) => (value + 1) / 2) };
  const error = await disagreement(
    ({ x, y, m }) =>
      maskedL1Loss(x as tf.Tensor4D, y as tf.Tensor4D, { valid: m as tf.Tensor4D, range: [-0.5, 0.7] }),
    samples,
  );
  t.true(error < 1e-4, `${error}`);
});

test('shapes that differ and ranges without room are refused by name', (t) => {
  const two = row(1, 2);
  const refused = (...of: Parameters<typeof maskedL1Loss>) =>
    t.throws(() => maskedL1Loss(...of), { name: 'TrainingError' })?.message ?? '';
  t.regex(refused(two, row(1)), /^truth: .*W = 2/);
  t.regex(refused(two, two, { valid: row(1) }), /^valid: .*W = 2/);
  t.regex(
    refused(tf.ones([1, 1, 2, 3]), tf.ones([1, 1, 2, 3]), { range: [0, 1] }),
    /^truth: .*\[B, H, W, 1\]/,
  );
  t.regex(refused(two, two, { range: [80, 0] }), /^range: expected .*got \[80, 0\]/);
});
