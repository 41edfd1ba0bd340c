import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { weightedCrossEntropy } from '../../../training/losses/weighted-cross-entropy.js';
import { gradientError } from './gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const scalar = (x: tf.Scalar): number => x.dataSync()[0];
const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-5;

test('a worked example: two pixels, three classes', (t) => {
  const logits = tf.tensor4d(
    [Math.log(1), Math.log(2), Math.log(5), Math.log(4), Math.log(3), Math.log(1)],
    [1, 1, 2, 3],
  );
  const labels = tf.tensor3d([2, 0], [1, 1, 2], 'int32');
  // Probabilities of the right class: 5/8 and 4/8.
  const expected = (2 * -Math.log(5 / 8) + 10 * -Math.log(4 / 8)) / 2;
  t.true(near(scalar(weightedCrossEntropy(logits, labels, [10, 1, 2])), expected));
});

test('the mean is over labelled pixels, over all, or over the weights of the labelled ones', (t) => {
  const logits = tf.tensor4d([0, Math.log(3), 0, 0, 7, -7, 0, 0], [1, 1, 4, 2]);
  const labels = tf.tensor3d([1, 0, 255, 255], [1, 1, 4], 'int32');
  // -log(3/4) with weight 5, -log(1/2) with weight 2.
  const sum = -5 * Math.log(3 / 4) - 2 * Math.log(1 / 2);
  const of = (...over: Parameters<typeof weightedCrossEntropy>[3][]) =>
    scalar(weightedCrossEntropy(logits, labels, [2, 5], ...over));
  t.true(near(of(), sum / 2) && near(of('labelled'), sum / 2));
  t.true(near(of('all'), sum / 4), 'eq. 5');
  t.true(near(of('weights'), sum / 7), "PyTorch's");
  const none = tf.fill<tf.Rank.R3>([1, 1, 4], 255, 'int32');
  for (const over of ['labelled', 'all', 'weights'] as const) {
    t.is(Math.abs(scalar(weightedCrossEntropy(logits, none, [2, 5], over))), 0);
  }
});

test('labels out of range are ignored: no share in the loss, no gradient', (t) => {
  const logits = tf.tensor4d([0, Math.log(3), 5, -7, 100, -100], [1, 1, 3, 2]);
  const labels = tf.tensor3d([1, 255, -1], [1, 1, 3], 'int32');
  const loss = (x: tf.Tensor) => weightedCrossEntropy(x as tf.Tensor4D, labels, [1, 4]);
  t.true(near(scalar(loss(logits)), -4 * Math.log(3 / 4)));
  const gradient = tf.grad(loss)(logits).dataSync();
  t.true(near(gradient[0], 4 * 0.25));
  t.true(near(gradient[1], 4 * (0.75 - 1)));
  t.deepEqual([...gradient.slice(2)].map(Math.abs), [0, 0, 0, 0]);
});

test('without any label the loss is 0, and huge logits stay finite', (t) => {
  const logits = tf.tensor4d([1e4, -1e4], [1, 1, 1, 2]);
  const of = (label: number) =>
    scalar(weightedCrossEntropy(logits, tf.tensor3d([label], [1, 1, 1], 'int32'), [1, 1]));
  t.is(Math.abs(of(255)), 0);
  t.is(Math.abs(of(0)), 0);
  t.is(of(1), 2e4);
});

test('the gradient agrees with finite differences', (t) => {
  const logits = tf.randomNormal<tf.Rank.R4>([2, 2, 3, 4], 0, 1, 'float32', 5);
  const labels = tf.tensor3d([0, 1, 2, 3, 255, 1, 3, 2, 1, 0, 255, 2], [2, 2, 3], 'int32');
  const error = gradientError((x) => weightedCrossEntropy(x as tf.Tensor4D, labels, [1, 2, 3, 0.5]), logits);
  t.true(error < 5e-3, String(error));
});

test('shapes that do not fit are refused by name', (t) => {
  const logits = tf.ones<tf.Rank.R4>([1, 2, 3, 4]);
  const labels = tf.zeros<tf.Rank.R3>([1, 2, 3], 'int32');
  const refused = (...of: Parameters<typeof weightedCrossEntropy>) =>
    t.throws(() => weightedCrossEntropy(...of), { name: 'TrainingError' })?.message ?? '';
  t.regex(
    refused(logits, tf.zeros<tf.Rank.R3>([1, 3, 2], 'int32'), [1, 1, 1, 1]),
    /^labels: .*\[B, H, W\].*got \[1, 3, 2\]/,
  );
  t.regex(refused(logits, labels, [1, 1, 1]), /^classWeights: .*S = 4.*got \[3\]/);
});
