import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { batchNorm, conv2d, upsample2 } from '../../../training/networks/layers.js';
import { Scope } from '../../../training/networks/scope.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const image = (rows: number[][]) => tf.tensor4d(rows.flat(), [1, rows.length, rows[0]?.length ?? 0, 1]);
const values = (x: tf.Tensor): number[] =>
  [...x.dataSync()].map((value) => Math.round(value * 1e4) / 1e4 + 0);
const SQUARE = [
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
];

test('zero and reflection padding differ at the border as in PyTorch', (t) => {
  const scope = Scope.over({ weight: tf.ones([3, 3, 1, 1]), bias: tf.tensor1d([100]) }, false);
  const zero = conv2d(scope, image(SQUARE), { filters: 1, kernel: 3 });
  t.deepEqual(values(zero), [12, 21, 16, 27, 45, 33, 24, 39, 28]);
  const mirrored = conv2d(scope, image(SQUARE), { filters: 1, kernel: 3, padding: 'reflection', bias: true });
  // The corner: rows 2 1 2 of columns 2 1 2: 5 4 5, 2 1 2, 5 4 5.
  t.deepEqual(values(mirrored), [133, 136, 139, 142, 145, 148, 151, 154, 157]);
});

test('a stride of two keeps the upper left of every pair, also at odd sizes', (t) => {
  const centre = tf.tensor4d([0, 0, 0, 0, 1, 0, 0, 0, 0], [3, 3, 1, 1]);
  const scope = Scope.over({ weight: centre }, false);
  t.deepEqual(values(conv2d(scope, image(SQUARE), { filters: 1, kernel: 3, stride: 2 })), [1, 3, 7, 9]);
  const even = [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ];
  t.deepEqual(values(conv2d(scope, image(even), { filters: 1, kernel: 3, stride: 2 })), [1, 3]);
});

const STATISTICS = {
  weight: tf.tensor1d([2]),
  bias: tf.tensor1d([10]),
  running_mean: tf.tensor1d([4]),
  running_var: tf.tensor1d([9 - 1e-5]),
};

test('batch normalisation uses the running statistics outside training', (t) => {
  const scope = Scope.over(STATISTICS, false);
  t.deepEqual(values(batchNorm(scope, image([[4, 7, -2]]))), [10, 12, 6]);
  t.deepEqual(scope.updates(), {});
});

test("batch normalisation uses the batch's statistics in training and reports them", (t) => {
  const scope = Scope.over(STATISTICS, true);
  const x = tf.tensor4d([1, 3, 5, 7], [2, 2, 1, 1]); // mean 4, biased variance 5
  const y = values(batchNorm(scope, x));
  for (const [i, value] of [1, 3, 5, 7].entries()) {
    t.true(Math.abs((y[i] ?? 0) - (10 + (2 * (value - 4)) / Math.sqrt(5 + 1e-5))) < 1e-3);
  }
  const { running_mean, running_var } = scope.updates();
  t.deepEqual(running_mean && values(running_mean), [4]);
  t.deepEqual(running_var && values(running_var), [5]);
});

test('upsampling repeats every pixel', (t) => {
  const y = upsample2(image([[1, 2]]));
  t.deepEqual(y.shape, [1, 2, 4, 1]);
  t.deepEqual(values(y), [1, 1, 2, 2, 1, 1, 2, 2]);
});
