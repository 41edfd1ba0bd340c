import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { logDepthLoss } from '../../../training/losses/log-depth-loss.js';
import { gradientError } from './gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const image = (rows: number[][]) => tf.tensor4d(rows.flat(), [1, rows.length, rows[0]?.length ?? 0, 1]);
const scalar = (x: tf.Scalar): number => x.dataSync()[0];
const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-5;

test('a worked example of 2 x 3 pixels', (t) => {
  // Ratios of predicted to true disparity: log2 errors 0 1 3 / 2 1 0.
  const truth = image([
    [0.1, 0.1, 0.5],
    [0.2, 0.3, 0.4],
  ]);
  const predicted = image([
    [0.1, 0.2, 4],
    [0.8, 0.6, 0.4],
  ]);
  const ones = tf.onesLike(truth);
  const mean = 7 / 6;
  const below = (2 + 0 + 3) / 3; // neighbours one row apart
  const beside = (1 + 2 + 1 + 1) / 4; // one column apart
  const apart = (3 + 2) / 2; // two columns apart
  t.true(near(scalar(logDepthLoss(predicted, truth, ones, 0)), Math.LN2 * mean));
  const expected = Math.LN2 * (mean + (0.5 / 4) * (below + beside + apart));
  t.true(near(scalar(logDepthLoss(predicted, truth, ones)), expected));
});

test('what is not valid does not count, whatever stands there', (t) => {
  const truth = image([[0.1, 0, 0.1, -5]]);
  const predicted = image([[0.2, 0.7, 0.1, 0.3]]);
  const valid = image([[1, 0, 1, 0]]);
  // Errors ln 2 and 0; of the differences only the one over two columns has two valid ends.
  const expected = Math.LN2 * (0.5 + (0.5 / 4) * 1);
  t.true(near(scalar(logDepthLoss(predicted, truth, valid)), expected));
  const gradient = tf
    .grad((x) => logDepthLoss(x as tf.Tensor4D, truth, valid))(predicted)
    .dataSync();
  t.true(gradient.every(Number.isFinite));
  t.is(gradient[1], 0);
  t.is(gradient[3], 0);
});

test('partly valid pixels count by their weight', (t) => {
  const truth = image([[0.1], [0.1]]);
  const predicted = image([[0.2], [0.1]]);
  t.true(near(scalar(logDepthLoss(predicted, truth, image([[0.5], [1]]), 0)), (Math.LN2 * 0.5) / 1.5));
});

test('the loss is zero for the truth and without any valid pixel, and does not depend on the scale of both', (t) => {
  const truth = tf.randomUniform<tf.Rank.R4>([2, 9, 10, 1], 0.01, 1, 'float32', 1);
  const predicted = tf.randomUniform<tf.Rank.R4>([2, 9, 10, 1], 0.01, 1, 'float32', 2);
  const ones = tf.onesLike(truth);
  t.is(scalar(logDepthLoss(truth, truth, ones)), 0);
  t.is(scalar(logDepthLoss(predicted, truth, tf.zerosLike(truth))), 0);
  const scaled = scalar(logDepthLoss(predicted.mul(3), truth.mul(3), ones));
  t.true(near(scaled, scalar(logDepthLoss(predicted, truth, ones))));
});

test('images of any size have a loss', (t) => {
  for (const [height, width] of [
    [1, 1],
    [8, 3],
    [2, 9],
  ] as const) {
    const truth = tf.fill<tf.Rank.R4>([1, height, width, 1], 0.1);
    t.true(near(scalar(logDepthLoss(truth.mul(2), truth, tf.onesLike(truth))), Math.LN2));
  }
});

test('the gradient agrees with finite differences', (t) => {
  // Log errors far enough from each other that no absolute value changes its sign within the difference.
  const errors = Array.from({ length: 2 * 5 * 6 }, (_, i) => Math.exp((((i * 37) % 60) - 30.5) / 20));
  const truth = tf.fill<tf.Rank.R4>([2, 5, 6, 1], 0.2);
  const valid = tf.tensor4d(
    errors.map((_, i) => (i % 7 === 0 ? 0 : i % 5 === 0 ? 0.3 : 1)),
    [2, 5, 6, 1],
  );
  const predicted = truth.mul<tf.Tensor4D>(tf.tensor4d(errors, [2, 5, 6, 1]));
  t.true(gradientError((x) => logDepthLoss(x as tf.Tensor4D, truth, valid), predicted, 5e-4) < 2e-2);
});

test('no tensors are left behind within a tidy', (t) => {
  const truth = tf.fill<tf.Rank.R4>([1, 4, 4, 1], 0.1);
  const before = tf.memory().numTensors;
  tf.tidy(() => scalar(logDepthLoss(truth, truth, truth)));
  t.is(tf.memory().numTensors, before);
});

test('shapes that differ are refused by name, also where they would broadcast', (t) => {
  const of = (...shape: [number, number, number, number]) => tf.ones<tf.Rank.R4>(shape);
  const whole = of(2, 4, 6, 1);
  const refused = (...of: Parameters<typeof logDepthLoss>) =>
    t.throws(() => logDepthLoss(...of), { name: 'TrainingError' })?.message ?? '';
  t.regex(refused(of(2, 4, 6, 3), whole, whole), /^disparity: .*\[B, H, W, 1\].*got \[2, 4, 6, 3\]/);
  t.regex(refused(whole, of(2, 1, 6, 1), whole), /^trueDisparity: .*H = 4.*got \[2, 1, 6, 1\]/);
  t.regex(refused(whole, whole, of(1, 4, 6, 1)), /^valid: .*B = 2.*got \[1, 4, 6, 1\]/);
});
