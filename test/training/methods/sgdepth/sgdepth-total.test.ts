import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { TrainingError } from '../../../../training/errors.js';
import { sgdepthTotal } from '../../../../training/methods/sgdepth/sgdepth-total.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const near = (a: tf.Tensor, b: number): boolean => Math.abs((a.dataSync()[0] ?? Number.NaN) - b) < 1e-6;
const smoothness = tf.tensor1d([10, 20, 30]);
const photometric = tf.tensor1d([1, 2, 3]);
const maskedPhotometric = tf.tensor1d([0.1, 0.2, 0.3]);

test('a worked example: static images count without, dynamic ones with mask', (t) => {
  const total = sgdepthTotal({
    crossEntropy: tf.scalar(5),
    smoothness,
    photometric,
    maskedPhotometric,
    isStatic: tf.tensor1d([0, 1, 0]),
    smoothnessWeight: 0.001,
  });
  t.true(near(total, 5 + (0.1 + 2 + 0.3) / 3 + 0.001 * 20));
});

test('parts that a training has not are left out', (t) => {
  const terms = { smoothness, photometric, smoothnessWeight: 0.1 };
  t.true(near(sgdepthTotal(terms), 2 + 2));
  t.true(near(sgdepthTotal({ ...terms, maskedPhotometric }), 0.2 + 2), 'no decision: every image is masked');
});

test('wrong shapes are refused by name', (t) => {
  const terms = { smoothness, photometric, maskedPhotometric, smoothnessWeight: 0.1 };
  const refused = (change: object, message: RegExp) =>
    t.throws(() => sgdepthTotal({ ...terms, ...change }), { instanceOf: TrainingError, message });
  refused({ smoothness: tf.zeros([2]) }, /^smoothness/);
  refused({ maskedPhotometric: tf.zeros([2]) }, /^maskedPhotometric/);
  refused({ isStatic: tf.scalar(1) }, /^isStatic/);
});
