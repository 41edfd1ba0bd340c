import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {
  type DepthCoding,
  decodeDepth,
  encodeDepth,
} from '../../../../training/methods/adversarial-depth/depth-coding.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const near = (t: import('ava').ExecutionContext, x: tf.Tensor, expected: readonly number[]) => {
  const values = [...x.dataSync()];
  t.true(
    values.every((value, i) => Math.abs(value - (expected[i] ?? Number.NaN)) < 1e-5),
    values.join(' '),
  );
};

const LINEAR: DepthCoding = { kind: 'linear', minMeters: 1, maxMeters: 80 };
const LOG: DepthCoding = { kind: 'log', minMeters: 1, maxMeters: 64 };

test('linear: -1 at 0 m, 0 in the middle, 1 at the end', (t) => {
  near(t, encodeDepth(tf.tensor1d([1 / 20, 1 / 40, 1 / 80]), LINEAR), [-0.5, 0, 1]);
  near(t, decodeDepth(tf.tensor1d([-0.5, 0, 1]), LINEAR), [20, 40, 80]);
  near(t, decodeDepth(tf.tensor1d([-1]), LINEAR), [1]);
});

test('log: equal steps are equal ratios', (t) => {
  near(t, encodeDepth(tf.tensor1d([1, 1 / 8, 1 / 64]), LOG), [-1, 0, 1]);
  near(t, decodeDepth(tf.tensor1d([-1, -0.5, 0, 1]), LOG), [1, 8 ** 0.5, 8, 64]);
});

test('an empty range is refused', (t) => {
  t.throws(() => encodeDepth(tf.tensor1d([1]), { ...LOG, minMeters: 64 }), {
    name: 'TrainingError',
    message: /0 < minMeters < maxMeters/,
  });
});
