import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { TrainingError } from '../../../training/errors.js';
import { poseFromVector } from '../../../training/geometry/pose-from-vector.js';
import { gradientError } from '../losses/gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const near = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 1e-6): boolean =>
  a.length === b.length && Array.from(a).every((x, i) => Math.abs(x - (b[i] ?? 0)) <= tolerance);
const vectors = (...rows: number[][]) => tf.tensor2d(rows);
const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

test('worked examples: a quarter turn about each axis', (t) => {
  const q = Math.PI / 2;
  const poses = poseFromVector(vectors([q, 0, 0, 1, 2, 3], [0, q, 0, 0, 0, 0], [0, 0, q, 0, 0, 0]));
  t.deepEqual(poses.shape, [3, 4, 4]);
  const [x, y, z] = poses.unstack().map((pose) => pose.dataSync());
  t.true(near(x ?? [], [1, 0, 0, 1, 0, 0, -1, 2, 0, 1, 0, 3, 0, 0, 0, 1]));
  t.true(near(y ?? [], [0, 0, 1, 0, 0, 1, 0, 0, -1, 0, 0, 0, 0, 0, 0, 1]));
  t.true(near(z ?? [], [0, -1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]));
});

test('a turn by 120 degrees about (1, 1, 1) permutes the axes', (t) => {
  const a = (2 * Math.PI) / 3 / Math.sqrt(3);
  t.true(
    near(
      poseFromVector(vectors([a, a, a, 0, 0, 0])).dataSync(),
      [0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1],
    ),
  );
});

test('the inverse undoes the pose, and both are rotations', (t) => {
  const vector = tf.randomNormal<tf.Rank.R2>([5, 6], 0, 1, 'float32', 3);
  const pose = poseFromVector(vector);
  const product = tf.matMul(pose, poseFromVector(vector, true));
  for (const matrix of product.unstack()) t.true(near(matrix.dataSync(), IDENTITY, 1e-5));
  const rotation = pose.slice([0, 0, 0], [5, 3, 3]);
  const gram = tf.matMul(rotation, rotation, false, true);
  for (const matrix of gram.unstack()) t.true(near(matrix.dataSync(), [1, 0, 0, 0, 1, 0, 0, 0, 1], 1e-5));
});

test('zero and tiny rotations have exact values and gradients: dR = [da]x', (t) => {
  for (const size of [0, 1e-20, 1e-7, 1e-4]) {
    const vector = vectors([size, -size, 2 * size, 0, 0, 0]);
    t.true(
      near(
        poseFromVector(vector).slice([0, 0, 0], [1, 3, 3]).dataSync(),
        [...[1, -2 * size, -size], ...[2 * size, 1, -size], ...[size, size, 1]],
        1e-7,
      ),
    );
    for (const invert of [false, true]) {
      const sign = invert ? -1 : 1;
      // Entry (2, 1) of R is +a_x, entry (1, 2) is -a_x.
      const entry = (row: number, column: number) =>
        tf.grad((v) =>
          poseFromVector(v as tf.Tensor2D, invert)
            .slice([0, row, column], [1, 1, 1])
            .sum(),
        )(vector);
      t.true(near(entry(2, 1).dataSync(), [sign, 0, 0, 0, 0, 0], 1e-3), `${size}`);
      t.true(near(entry(1, 2).dataSync(), [-sign, 0, 0, 0, 0, 0], 1e-3), `${size}`);
    }
  }
});

test('gradients agree with finite differences', (t) => {
  const weight = tf.randomNormal([2, 4, 4], 0, 1, 'float32', 8);
  const vector = vectors([0.3, -0.5, 0.2, 1, -2, 0.5], [0.01, 0.02, -0.01, 0.1, 0.2, 0.3]);
  for (const invert of [false, true]) {
    const loss = (v: tf.Tensor) =>
      poseFromVector(v as tf.Tensor2D, invert)
        .mul(weight)
        .sum() as tf.Scalar;
    t.true(gradientError(loss, vector) < 1e-3);
  }
});

test('another shape is refused by name', (t) => {
  t.throws(() => poseFromVector(tf.zeros([2, 7])), {
    instanceOf: TrainingError,
    message: /^vector: .*\[B, 6\]/,
  });
});
