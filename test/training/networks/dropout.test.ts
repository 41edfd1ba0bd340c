import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { TrainingError } from '../../../training/errors.js';
import { drawDropoutMask, dropout } from '../../../training/networks/dropout.js';
import { Random } from '../../../training/simulator/random.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

function mask(rate: number, seed: number): Float32Array {
  const values = new Float32Array(20_000);
  drawDropoutMask(values, rate, new Random(seed));
  return values;
}

test('a mask drops the share asked for, keeps the mean, and depends on the seed alone', (t) => {
  const values = mask(0.25, 3);
  const dropped = values.filter((value) => value === 0).length / values.length;
  t.true(Math.abs(dropped - 0.25) < 0.01, `${dropped}`);
  t.true(values.every((value) => value === 0 || value === Math.fround(4 / 3)));
  t.true(Math.abs(values.reduce((a, b) => a + b) / values.length - 1) < 0.02);
  t.deepEqual(mask(0.25, 3), values);
  t.notDeepEqual(mask(0.25, 4), values);
});

test('without a mask, and with a rate of 0, nothing changes', (t) => {
  const x = tf.tensor1d([1, -2, 3]);
  t.is(dropout(x, undefined), x);
  t.true(mask(0, 1).every((value) => value === 1));
});

test('rates outside [0, 1) and masks of another shape are refused', (t) => {
  for (const rate of [-0.1, 1, Number.NaN])
    t.throws(() => mask(rate, 1), { instanceOf: TrainingError, message: /\[0, 1\)/ });
  t.throws(() => dropout(tf.ones([2, 3]), tf.ones([3, 2])), { message: /dropout/ });
});
