import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { viewedLabels } from '../../../../training/adaptation/learning/viewed-labels.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const LOG = Math.log;

/** A network with two classes at half resolution, whose logits are the red of the left pixel of each pair, and 0. */
function leftPixel(view: tf.Tensor4D): tf.Tensor4D {
  const [count, height, width] = view.shape;
  const red = tf.stridedSlice(view, [0, 0, 0, 0], [count, height, width, 1], [1, 2, 2, 1]) as tf.Tensor4D;
  return tf.concat([red, tf.zerosLike(red)], 3);
}

/** [1, 32, 64, 3]: columns 0, 1, 2, ... are as red as `red` says. */
const picture = (red: (column: number) => number) =>
  tf.tensor4d(
    Array.from({ length: 32 * 64 * 3 }, (_, i) => (i % 3 === 0 ? red(Math.floor(i / 3) % 64) : 0)),
    [1, 32, 64, 3],
  );

test('the mean over a picture and its mirror image is what it is by hand', (t) => {
  // The network sees column 2 x; of the mirror image column 63 - 2 x, which comes back as 2 x + 1.
  const image = picture((column) => (column % 2 === 0 ? LOG(3) : LOG(1)));
  const seen = viewedLabels(image, [1], leftPixel, [16, 32]);
  t.deepEqual(seen.shape, [1, 16, 32, 2]);
  const [first, second] = [(LOG(3 / 4) + LOG(1 / 2)) / 2, (LOG(1 / 4) + LOG(1 / 2)) / 2];
  const values = seen.dataSync();
  for (const [i, value] of values.entries()) t.true(Math.abs(value - (i % 2 === 0 ? first : second)) < 1e-5);
});

test('views of other sizes are asked at multiples of 32, and brought back to their places', (t) => {
  const sizes: number[][] = [];
  const image = picture((column) => (column < 32 ? 2 : -2));
  const asked = (view: tf.Tensor4D) => {
    sizes.push(view.shape.slice(0, 3));
    return leftPixel(view);
  };
  const seen = viewedLabels(image, [1, 1.5, 2], asked, [16, 32]);
  t.deepEqual(sizes, [
    [2, 32, 64],
    [2, 64, 96],
    [2, 64, 128],
  ]);
  // Away from the step in the middle all views say the same: 2 to 0 on the left, -2 to 0 on the right.
  const at = (x: number) => seen.slice([0, 8, x, 0], [1, 1, 1, 2]).dataSync();
  const [left, right] = [-LOG(1 + Math.exp(-2)), -LOG(1 + Math.exp(2))];
  for (const x of [0, 5, 13]) t.true(Math.abs((at(x)[0] ?? 0) - left) < 1e-5);
  for (const x of [18, 25, 31]) t.true(Math.abs((at(x)[0] ?? 0) - right) < 1e-5);
});

test('what is added to a class in every view may be added before or after', (t) => {
  const image = picture((column) => Math.sin(column));
  const added = tf.tensor1d([0, -0.7]);
  const before = viewedLabels(image, [1, 1.5], (view) => leftPixel(view).add(added), [16, 32]);
  const after = viewedLabels(image, [1, 1.5], leftPixel, [16, 32]).add(added);
  const difference = tf.softmax(before).sub(tf.softmax(after)).abs().max().dataSync()[0];
  t.true((difference ?? 1) < 1e-6);
});
