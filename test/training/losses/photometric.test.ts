import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { TrainingError } from '../../../training/errors.js';
import { minimumReprojection } from '../../../training/losses/minimum-reprojection.js';
import { photometricError } from '../../../training/losses/photometric-error.js';
import { photometricLoss } from '../../../training/losses/photometric-loss.js';
import { gradientError } from './gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const near = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 1e-4): boolean =>
  a.length === b.length && Array.from(a).every((x, i) => Math.abs(x - (b[i] ?? 0)) <= tolerance);
const grey = (value: number, batch = 1) => tf.fill<tf.Rank.R4>([batch, 2, 3, 3], value);
const noise = (seed: number) => tf.randomUniform<tf.Rank.R4>([1, 3, 4, 3], 0.1, 0.9, 'float32', seed);
/** 0.85 (1 - SSIM) / 2 + 0.15 |a - b| of uniform images. */
const greyError = (a: number, b: number) =>
  (0.85 * (1 - (2 * a * b + 1e-4) / (a * a + b * b + 1e-4))) / 2 + 0.15 * Math.abs(a - b);

test('a worked example: uniform grey 0.2 against 0.6', (t) => {
  const error = photometricError(grey(0.2), grey(0.6));
  t.deepEqual(error.shape, [1, 2, 3, 1]);
  t.true(near(error.dataSync(), Array(6).fill(0.85 * 0.19995 + 0.15 * 0.4)));
});

test('the least error of the warped sources counts at each pixel', (t) => {
  const { error, explained } = minimumReprojection(grey(0.5), [grey(0.2), grey(0.6)], []);
  t.true(near(error.dataSync(), Array(6).fill(greyError(0.5, 0.6))));
  t.deepEqual([...explained.dataSync()], Array(6).fill(1));
  // Left half seen in one source, right half in the other.
  const halves = (left: number, right: number) =>
    tf.concat([tf.fill<tf.Rank.R4>([1, 4, 6, 3], left), tf.fill<tf.Rank.R4>([1, 4, 6, 3], right)], 2);
  const target = halves(0.3, 0.7);
  const mixed = minimumReprojection(
    target,
    [halves(0.3, 0.1), halves(0.9, 0.7)],
    [],
  ).error.arraySync()[0]?.[1];
  t.true(
    near(
      [1, 4, 7, 10].map((x) => mixed?.[x]?.[0] ?? 9),
      [0, 0, 0, 0],
    ),
  );
});

test('where an unwarped source explains the pixel as well, no gradient flows, but its error counts', (t) => {
  const [target, still] = [grey(0.5), grey(0.55)];
  const of = (warped: tf.Tensor) => minimumReprojection(target, [warped as tf.Tensor4D], [still, grey(0.1)]);
  const gradient = (value: number) =>
    tf
      .grad((x) => photometricLoss(of(x).error).sum())(grey(value))
      .abs()
      .max()
      .dataSync()[0] ?? 0;
  const worse = of(grey(0.7));
  t.true(near(worse.error.dataSync(), Array(6).fill(greyError(0.5, 0.55))));
  t.deepEqual([...worse.explained.dataSync()], Array(6).fill(0));
  t.is(gradient(0.7), 0);
  t.is(gradient(0.55), 0, 'a tie: a camera that stands still');
  const better = of(grey(0.52));
  t.true(near(better.error.dataSync(), Array(6).fill(greyError(0.5, 0.52))));
  t.deepEqual([...better.explained.dataSync()], Array(6).fill(1));
  t.true(gradient(0.52) > 1e-3);
});

test('the masked loss is averaged over all pixels of each image', (t) => {
  const error = tf.tensor4d([1, 2, 3, 4, 10, 20, 30, 40], [2, 2, 2, 1]);
  const mask = tf.tensor4d([1, 0, 0, 1, 0, 0, 0, 1], [2, 2, 2, 1]);
  t.true(near(photometricLoss(error).dataSync(), [2.5, 25]));
  t.true(near(photometricLoss(error, mask).dataSync(), [1.25, 10]));
  const gradient = tf.grad((x) => photometricLoss(x as tf.Tensor4D, mask).sum())(error);
  t.true(near(gradient.dataSync(), [0.25, 0, 0, 0.25, 0, 0, 0, 0.25]));
});

test('images that agree exactly have no gradient', (t) => {
  const gradient = tf.grad((x) => photometricError(noise(1), x as tf.Tensor4D).sum())(noise(1));
  t.true((gradient.abs().max().dataSync()[0] ?? 1) < 1e-4);
});

test('the gradient agrees with finite differences', (t) => {
  const [target, other, warped] = [noise(1), noise(2), noise(3)];
  const loss = (x: tf.Tensor) =>
    photometricLoss(
      minimumReprojection(target, [x as tf.Tensor4D, other], [noise(4)]).error,
    ).sum() as tf.Scalar;
  t.true(gradientError(loss, warped, 2e-4) < 3e-2);
});

test('wrong shapes and no sources are refused by name', (t) => {
  const refused = (fn: () => unknown, message: RegExp) =>
    t.throws(fn, { instanceOf: TrainingError, message });
  refused(() => photometricError(grey(0), grey(0, 2)), /^b: .*B = 1/);
  refused(() => minimumReprojection(grey(0), [], [grey(0)]), /^warped: .*`1`/);
  refused(() => minimumReprojection(grey(0), [grey(0, 2)], []), /^warped/);
  refused(() => minimumReprojection(grey(0), [grey(0)], [grey(0, 2)]), /^unwarped/);
  refused(() => photometricLoss(grey(0)), /^error/);
  refused(() => photometricLoss(tf.zeros([2, 2, 2, 1]), tf.zeros([1, 2, 2, 1])), /^mask/);
});
