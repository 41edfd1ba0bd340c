import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { TrainingError } from '../../../training/errors.js';
import { bilinearWarp } from '../../../training/geometry/bilinear-warp.js';
import { nearestWarp } from '../../../training/geometry/nearest-warp.js';
import { gradientError } from '../losses/gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const near = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 1e-6): boolean =>
  a.length === b.length && Array.from(a).every((x, i) => Math.abs(x - (b[i] ?? 0)) <= tolerance);
const coordinates = (...pairs: [number, number][]) => tf.tensor4d(pairs.flat(), [1, 1, pairs.length, 2]);
/** 1 2 3 / 10 20 30 */
const SMALL = tf.tensor4d([1, 2, 3, 10, 20, 30], [1, 2, 3, 1]);

test('a worked example between four pixels, on pixels and on the last pixel', (t) => {
  const at = coordinates([0.5, 0.25], [2, 0], [0, 1], [2, 1], [1.25, 1]);
  // 0.75 * 1.5 + 0.25 * 15
  t.true(near(bilinearWarp(SMALL, at).dataSync(), [4.875, 3, 10, 30, 22.5]));
});

test('beyond the border the border continues, without gradient', (t) => {
  const at = coordinates([-5, 0.5], [9, 1], [1, -3], [1, 2e9], [-1e30, 0]);
  t.true(near(bilinearWarp(SMALL, at).dataSync(), [5.5, 30, 2, 20, 1]));
  const gradient = tf
    .grad((x) => bilinearWarp(SMALL, x as tf.Tensor4D).sum())(at)
    .dataSync();
  // Along the border the colours still change: by row left and right of the image, by column above and below.
  t.true(near(gradient, [0, 9, 0, 27, 1, 0, 10, 0, 0, 9]));
});

test('coordinates that are not numbers read some pixel', (t) => {
  t.notThrows(() => bilinearWarp(SMALL, coordinates([Number.NaN, Number.NaN])).dataSync());
});

test('images of a batch do not mix, and the result has the size of the coordinates', (t) => {
  const images = tf.tensor4d([1, 2, 3, 4, 50, 60, 70, 80, 5, 6, 7, 8, 10, 20, 30, 40], [2, 2, 2, 2]);
  const at = tf.tensor4d([0, 0, 1, 1, 0.5, 0, 0, 0, 1, 1, 0, 0.5], [2, 1, 3, 2]);
  const warped = bilinearWarp(images, at);
  t.deepEqual(warped.shape, [2, 1, 3, 2]);
  t.true(near(warped.dataSync(), [1, 2, 70, 80, 2, 3, 5, 6, 30, 40, 7.5, 13]));
});

test('gradients by coordinates and by image agree with finite differences', (t) => {
  const image = tf.randomNormal<tf.Rank.R4>([2, 4, 5, 3], 0, 1, 'float32', 1);
  // Kept away from pixel centres, where the derivative by the coordinates jumps, and beyond the border.
  const places = Array.from({ length: 2 * 3 * 4 * 2 }, (_, i) => ((i * 7) % 5) - 0.7 + ((i * 3) % 4) * 0.1);
  const at = tf.tensor4d(places, [2, 3, 4, 2]);
  const weight = tf.randomNormal([2, 3, 4, 3], 0, 1, 'float32', 2);
  const loss = (x: tf.Tensor, y: tf.Tensor, imageGradient?: boolean) =>
    bilinearWarp(x as tf.Tensor4D, y as tf.Tensor4D, imageGradient)
      .mul(weight)
      .sum() as tf.Scalar;
  t.true(gradientError((x) => loss(x, at), image) < 1e-3);
  t.true(gradientError((x) => loss(image, x), at) < 1e-3);
  t.true(gradientError((x) => loss(image, x, false), at) < 1e-3);
});

test('labels: the closest pixel counts; beyond half a pixel outside is the given value', (t) => {
  const labels = tf.tensor4d([1, 2, 3, 10, 20, 30], [1, 2, 3, 1], 'int32');
  const at = coordinates(
    [0.4, 0.4],
    [0.6, 0.6],
    [-0.49, 0],
    [-0.51, 0],
    [2.49, 1.49],
    [2.51, 1],
    [1, 1.51],
    [-1e30, 0],
  );
  const warped = nearestWarp(labels, at, 255);
  t.is(warped.dtype, 'int32');
  t.deepEqual([...warped.dataSync()], [1, 20, 1, 255, 30, 255, 255, 255]);
  t.deepEqual([...nearestWarp(labels, coordinates([Number.NaN, 0]), 7).dataSync()], [7]);
});

test('labels of a batch and of several channels do not mix, and no gradient flows', (t) => {
  const flags = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 2, 2]);
  const at = tf.tensor4d([1, 0, 0, 0], [2, 1, 1, 2]);
  t.deepEqual([...nearestWarp(flags, at, -1).dataSync()], [3, 4, 5, 6]);
  const gradient = tf.grad((x) =>
    nearestWarp(flags, x as tf.Tensor4D, 0)
      .mul(x.slice([0, 0, 0, 0], [2, 1, 1, 1]))
      .sum(),
  )(at);
  t.deepEqual([...gradient.dataSync()], [7, 0, 11, 0]);
});

test('wrong shapes are refused by name', (t) => {
  const refused = (fn: () => unknown, message: RegExp) =>
    t.throws(fn, { instanceOf: TrainingError, message });
  for (const warp of [bilinearWarp, (a: tf.Tensor4D, b: tf.Tensor4D) => nearestWarp(a, b, 0)]) {
    refused(() => warp(SMALL, tf.zeros([2, 1, 1, 2])), /^coordinates: .*B = 1/);
    refused(() => warp(SMALL, tf.zeros([1, 1, 1, 3])), /^coordinates: .*\[B, h, w, 2\]/);
    refused(
      () => warp(tf.zeros([2, 3]) as unknown as tf.Tensor4D, tf.zeros([1, 1, 1, 2])),
      /: expected the shape/,
    );
  }
  refused(() => bilinearWarp(tf.zeros([1, 1, 3, 1]), coordinates([0, 0])), /2x2/);
});
