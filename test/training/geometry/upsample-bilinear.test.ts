import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { upsampleBilinear } from '../../../training/geometry/upsample-bilinear.js';
import { gradientError } from '../losses/gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

test('a worked example: two pixels become four between the same borders', (t) => {
  const y = upsampleBilinear(tf.tensor4d([0, 4], [1, 1, 2, 1]), 2);
  t.deepEqual(y.shape, [1, 2, 4, 1]);
  t.deepEqual([...y.dataSync()], [0, 1, 3, 4, 0, 1, 3, 4]);
});

test('gradients agree with finite differences for batches of several channels', (t) => {
  const x = tf.randomNormal([2, 2, 3, 2], 0, 1, 'float32', 1);
  const weight = tf.randomNormal([2, 8, 12, 2], 0, 1, 'float32', 2);
  t.true(
    gradientError(
      (v) =>
        upsampleBilinear(v as tf.Tensor4D, 4)
          .mul(weight)
          .sum(),
      x,
    ) < 1e-3,
  );
});
