import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { binaryCrossEntropy } from '../../../training/losses/binary-cross-entropy.js';
import { disagreement } from '../tracer/disagreement.js';
import { floats } from '../tracer/parity.js';
import { gradientError } from './gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const scalar = (x: tf.Scalar): number => x.dataSync()[0];
const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-5;

test('a worked example: probabilities 3/4 and 1/5', (t) => {
  const logits = tf.tensor1d([Math.log(3), -Math.log(4)]);
  t.true(near(scalar(binaryCrossEntropy(logits, 1)), -(Math.log(3 / 4) + Math.log(1 / 5)) / 2));
  t.true(near(scalar(binaryCrossEntropy(logits, 0)), -(Math.log(1 / 4) + Math.log(4 / 5)) / 2));
  const mixed = -(Math.log(3 / 4) + 0.3 * Math.log(1 / 5) + 0.7 * Math.log(4 / 5)) / 2;
  t.true(near(scalar(binaryCrossEntropy(logits, tf.tensor1d([1, 0.3]))), mixed));
});

test('certain logits keep their digits, and huge ones stay finite', (t) => {
  const of = (logit: number, target: number) => scalar(binaryCrossEntropy(tf.tensor1d([logit]), target));
  t.true(Math.abs(of(10, 1) / Math.log1p(Math.exp(-10)) - 1) < 1e-5, 'no difference of large numbers');
  t.true(Math.abs(of(-10, 0) / Math.log1p(Math.exp(-10)) - 1) < 1e-5);
  t.is(of(1e4, 0), 1e4);
  t.is(of(-1e4, 1), 1e4);
  t.is(of(1e4, 1), 0);
  for (const logit of [1e4, -1e4, 0]) {
    const gradient = tf
      .grad((x) => binaryCrossEntropy(x, 1))(tf.tensor1d([logit]))
      .dataSync();
    t.true(near(gradient[0], 1 / (1 + Math.exp(-logit)) - 1), `${logit}: ${gradient[0]}`);
  }
});

test('the gradient agrees with finite differences', (t) => {
  const logits = tf.tensor2d([-3, -1, 0, 0.5, 2, 4], [2, 3]);
  const target = tf.tensor2d([0, 1, 0.3, 1, 0, 0.9], [2, 3]);
  for (const to of [0, 1, 0.9, target])
    t.true(gradientError((x) => binaryCrossEntropy(x, to), logits) < 5e-3);
});

test('a compiled step computes the same', async (t) => {
  const samples = { x: floats([2, 6], (value) => 12 * value), y: floats([2, 6], (value) => (value + 1) / 2) };
  const error = await disagreement(
    ({ x, y }) => binaryCrossEntropy(x, y).add(binaryCrossEntropy(x, 1)).add(binaryCrossEntropy(x, 0)),
    samples,
  );
  t.true(error < 1e-4, `${error}`);
});

test('a target of another shape is refused by name, though it would broadcast', (t) => {
  t.throws(() => binaryCrossEntropy(tf.ones([2, 3]), tf.ones([3])), {
    name: 'TrainingError',
    message: /^target: .*\[2, 3\].*got \[3\]/,
  });
});
