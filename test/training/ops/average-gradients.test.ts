import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { averageGradients } from '../../../training/ops/average-gradients.js';
import { gradientError } from '../losses/gradients.js';
import { disagreement } from '../tracer/disagreement.js';
import { floats } from '../tracer/parity.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const pair = (a: number, b: number) => tf.tensor4d([a, b], [1, 1, 1, 2]);

/** A shared block w * x + skip; one branch takes 3 times its sum, the other the sum of its squares. */
function branches(x: tf.Tensor4D, skip: tf.Tensor4D, w: tf.Tensor, averaged: boolean): tf.Scalar {
  const block = ([input, joined]: readonly tf.Tensor4D[]) =>
    input.mul<tf.Tensor4D>(w).add<tf.Tensor4D>(joined);
  const y = averaged ? averageGradients([x, skip], 2, block) : block([x, skip]);
  return y.sum().mul(3).add(y.square().sum());
}

test("the block's parameters get the mean of both branches, what lies before gets the sum", (t) => {
  const [x, skip, w] = [pair(2, -1), pair(0.5, 1), tf.scalar(3)];
  const gradients = (averaged: boolean) =>
    tf
      .grads((a, b, c) => branches(a as tf.Tensor4D, b as tf.Tensor4D, c, averaged))([x, skip, w])
      .map((gradient) => [...gradient.dataSync()]);
  // y = 6.5, -2: dy = 3 + 2 y = 16, -1.
  t.deepEqual(gradients(false), [[48, -3], [16, -1], [33]]);
  t.deepEqual(gradients(true), [[48, -3], [16, -1], [16.5]]);
  t.deepEqual(branches(x, skip, w, true).dataSync(), branches(x, skip, w, false).dataSync());
});

test('the gradient by the inputs agrees with finite differences, that by the parameters is half of it', (t) => {
  const [x, skip] = [pair(2, -1), pair(0.5, 1)];
  t.true(gradientError((a) => branches(a as tf.Tensor4D, skip, tf.scalar(3), true), x) < 1e-3);
  const halved = (w: tf.Tensor) => branches(x, skip, w, true).mul<tf.Scalar>(1);
  const error = gradientError(halved, tf.scalar(3));
  t.true(Math.abs(error - 1) < 1e-3, `twice the gradient: ${error}`);
});

test('a compiled step computes the same', async (t) => {
  const samples = { x: floats([1, 2, 2, 2]), s: floats([1, 2, 2, 2]), w: floats([2]) };
  const error = await disagreement(
    ({ x, s, w }) => branches(x as tf.Tensor4D, s as tf.Tensor4D, w, true),
    samples,
  );
  t.true(error < 1e-4, `${error}`);
});

test('a number of branches that cannot be is refused', (t) => {
  for (const count of [0, 1.5, -2, Number.NaN])
    t.throws(() => averageGradients([pair(1, 2)], count, ([x]) => x), { message: /^branches: expected/ });
});
