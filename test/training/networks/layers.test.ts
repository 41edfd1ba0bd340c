import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { batchNorm, conv2d, depthwiseConv2d, upsample2 } from '../../../training/networks/layers.js';
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

test('`same` pads as TensorFlow: with stride 2 and an even size only below and to the right', (t) => {
  const scope = Scope.over({ weight: tf.ones([3, 3, 1, 1]) }, false);
  const options = { filters: 1, kernel: 3, stride: 2, padding: 'same' } as const;
  const even = Array.from({ length: 4 }, (_, y) => [0, 1, 2, 3].map((x) => 4 * y + x + 1));
  // The first window is rows and columns 0 to 2: 1+2+3+5+6+7+9+10+11; the second has no fourth column.
  t.deepEqual(values(conv2d(scope, image(even), options)), [54, 45, 72, 54]);
  // Rows and columns 0 to 3 of an odd size are padded on both sides.
  t.deepEqual(values(conv2d(scope, image(SQUARE), options)), [12, 16, 24, 28]);
  const depthwise = { kernel: 3, stride: 2, padding: 'same' } as const;
  t.deepEqual(values(depthwiseConv2d(scope, image(even), depthwise)), [54, 45, 72, 54]);
});

test('padding by a number: a kernel of 4 with stride 2 halves the size, as PatchGAN wants it', (t) => {
  const scope = Scope.over({ weight: tf.ones([4, 4, 1, 1]) }, false);
  const options = { filters: 1, kernel: 4, stride: 2, padding: 1 } as const;
  t.deepEqual(conv2d(scope, tf.zeros([1, 64, 64, 1]), options).shape, [1, 32, 32, 1]);
  t.deepEqual(values(conv2d(scope, tf.ones([1, 4, 4, 1]), options)), [9, 9, 9, 9]);
  // A row that the stride does not reach is left out, as in PyTorch: (5 + 2 - 4) / 2 + 1.
  t.deepEqual(conv2d(scope, tf.zeros([1, 5, 5, 1]), options).shape, [1, 2, 2, 1]);
});

test('a depthwise convolution keeps channels apart', (t) => {
  const scope = Scope.over({ weight: tf.tensor4d([2, 3], [1, 1, 2, 1]) }, false);
  const x = tf.tensor4d([1, 10, 2, 20], [1, 1, 2, 2]);
  t.deepEqual(values(depthwiseConv2d(scope, x, { kernel: 1 })), [2, 30, 4, 60]);
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

test('batch normalisation takes another epsilon', (t) => {
  const scope = Scope.over({ ...STATISTICS, running_var: tf.tensor1d([3]) }, false);
  t.deepEqual(values(batchNorm(scope, image([[6]]), { epsilon: 1 })), [12]); // 10 + 2 (6 - 4) / sqrt(3 + 1)
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
