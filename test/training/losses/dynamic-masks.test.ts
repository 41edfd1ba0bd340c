import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { TrainingError } from '../../../training/errors.js';
import {
  DYNAMIC_CLASSES,
  dynamicObjectMask,
  dynamicOverlap,
  dynamicPixels,
} from '../../../training/losses/dynamic-masks.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const near = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.from(a).every((x, i) => Math.abs(x - (b[i] ?? 0)) <= 1e-6);
/** Masks of 1 x n pixels, one a row. */
const masks = (...rows: number[][]) => tf.tensor4d(rows.flat(), [rows.length, 1, rows[0]?.length ?? 0, 1]);

test('humans and vehicles are dynamic, trainIds 11 to 18; the unlabelled and the impossible are not', (t) => {
  t.deepEqual(DYNAMIC_CLASSES, [11, 12, 13, 14, 15, 16, 17, 18]);
  const labels = tf.tensor3d([0, 10, 11, 13, 18, 19, 255, -1], [2, 1, 4], 'int32');
  const dynamic = dynamicPixels(labels);
  t.deepEqual(dynamic.shape, [2, 1, 4, 1]);
  t.is(dynamic.dtype, 'float32');
  t.deepEqual([...dynamic.dataSync()], [0, 0, 1, 1, 1, 0, 0, 0]);
});

test('any set of classes can be dynamic, none too', (t) => {
  const labels = tf.tensor3d([0, 1, 2, 3, 4, 5], [1, 1, 6], 'int32');
  t.deepEqual([...dynamicPixels(labels, [4, 1, 2]).dataSync()], [0, 1, 1, 0, 1, 0]);
  t.deepEqual([...dynamicPixels(labels, []).dataSync()], [0, 0, 0, 0, 0, 0]);
});

test('mu is 0 where the target or any warped source is dynamic', (t) => {
  const mask = dynamicObjectMask(masks([1, 0, 0, 0]), [masks([0, 1, 0, 0]), masks([0, 1, 1, 0])]);
  t.deepEqual([...mask.dataSync()], [0, 0, 0, 1]);
  t.deepEqual([...dynamicObjectMask(masks([1, 0]), []).dataSync()], [0, 1]);
});

test('Lambda is the mean of the intersections over unions, or the joint one', (t) => {
  const target = masks([1, 1, 1, 0, 0, 0]);
  const sources = [masks([1, 1, 0, 0, 0, 0]), masks([0, 0, 1, 1, 1, 1])];
  // 2 of 3 and 1 of 6
  t.true(near(dynamicOverlap(target, sources).dataSync(), [(2 / 3 + 1 / 6) / 2]));
  t.true(near(dynamicOverlap(target, sources, 'joint').dataSync(), [3 / 9]));
});

test('each image has its own Lambda: 1 for the same mask and where nothing is dynamic, 0 without common pixels', (t) => {
  const target = masks([1, 0, 1], [0, 0, 0], [1, 0, 0], [0, 0, 0]);
  const source = masks([1, 0, 1], [0, 0, 0], [0, 1, 1], [0, 1, 0]);
  for (const over of ['mean', 'joint'] as const) {
    t.deepEqual([...dynamicOverlap(target, [source, source], over).dataSync()], [1, 1, 0, 0]);
  }
  // One source without anything dynamic beside one that covers nothing of the target.
  t.deepEqual([...dynamicOverlap(masks([0, 0]), [masks([0, 0]), masks([0, 1])]).dataSync()], [0.5]);
  t.deepEqual([...dynamicOverlap(masks([0, 0]), [masks([0, 0]), masks([0, 1])], 'joint').dataSync()], [0]);
});

test('wrong shapes are refused by name', (t) => {
  const refused = (fn: () => unknown, message: RegExp) =>
    t.throws(fn, { instanceOf: TrainingError, message });
  const mask = masks([1, 0]);
  refused(() => dynamicPixels(mask as unknown as tf.Tensor3D), /^labels/);
  refused(() => dynamicObjectMask(mask, [masks([1, 0, 1])]), /^warped: .*W = 2/);
  refused(() => dynamicOverlap(mask, [masks([1], [0])]), /^warped/);
  refused(() => dynamicOverlap(mask, []), /^warped/);
});
