import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { TrainingError } from '../../../training/errors.js';
import { smoothnessLoss } from '../../../training/losses/smoothness-loss.js';
import { gradientError } from './gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const near = (a: number | undefined, b: number): boolean => Math.abs((a ?? Number.NaN) - b) < 1e-5;

test('a worked example of 2 x 2 pixels', (t) => {
  // Mean 2.5: normalised 0.4 0.8 / 1.2 1.6.
  const disparity = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  // Two channels; differences by row 0.2 (mean of 0.4 and 0), 0; by column 0.5, 0.5.
  const image = tf.tensor4d([0, 0, 0.5, 0.5, 0.4, 0, 0.5, 0.5], [1, 2, 2, 2]);
  const byRow = (0.8 * Math.exp(-0.2) + 0.8 * Math.exp(0)) / 2;
  const byColumn = (0.4 * Math.exp(-0.5) + 0.4 * Math.exp(-(0.1 + 0.5) / 2)) / 2;
  const loss = smoothnessLoss(disparity, image);
  t.deepEqual(loss.shape, [1]);
  t.true(near(loss.dataSync()[0], byRow + byColumn));
});

test('the loss does not depend on the scale of the disparity, each image by itself', (t) => {
  const disparity = tf.randomUniform<tf.Rank.R4>([2, 4, 5, 1], 0.1, 1, 'float32', 1);
  const image = tf.randomUniform<tf.Rank.R4>([2, 4, 5, 3], 0, 1, 'float32', 2);
  const scaled = disparity.mul<tf.Tensor4D>(tf.tensor4d([1, 30], [2, 1, 1, 1]));
  const [a, b] = [smoothnessLoss(disparity, image).dataSync(), smoothnessLoss(scaled, image).dataSync()];
  t.true(near(a[0], b[0] ?? 0) && near(a[1], b[1] ?? 0));
});

test('a flat disparity has no loss and no gradient', (t) => {
  const flat = tf.fill<tf.Rank.R4>([1, 3, 4, 1], 0.3);
  const image = tf.randomUniform<tf.Rank.R4>([1, 3, 4, 3], 0, 1, 'float32', 2);
  t.true(near(smoothnessLoss(flat, image).dataSync()[0], 0));
  const gradient = tf.grad((x) => smoothnessLoss(x as tf.Tensor4D, image).sum())(flat);
  t.true(gradient.dataSync().every((x) => Math.abs(x) < 1e-6));
});

test('the gradient agrees with finite differences', (t) => {
  const disparity = tf.randomUniform<tf.Rank.R4>([2, 3, 4, 1], 0.5, 1.5, 'float32', 1);
  const image = tf.randomUniform<tf.Rank.R4>([2, 3, 4, 3], 0, 1, 'float32', 2);
  t.true(gradientError((x) => smoothnessLoss(x as tf.Tensor4D, image).sum(), disparity, 2e-3) < 1e-2);
});

test('wrong shapes are refused by name', (t) => {
  const disparity = tf.ones<tf.Rank.R4>([1, 3, 4, 1]);
  t.throws(() => smoothnessLoss(disparity, tf.ones([1, 3, 5, 3])), {
    instanceOf: TrainingError,
    message: /^image/,
  });
  t.throws(() => smoothnessLoss(tf.ones([1, 3, 4, 2]), disparity), {
    instanceOf: TrainingError,
    message: /^disp/,
  });
});
