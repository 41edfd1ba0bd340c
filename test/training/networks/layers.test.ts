import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { instanceNorm } from '../../../training/networks/instance-norm.js';
import { batchNorm, conv2d, depthwiseConv2d, upsample2 } from '../../../training/networks/layers.js';
import { Scope } from '../../../training/networks/scope.js';
import { correctGradients } from '../../../training/tracer/gradients/correct-gradients.js';
import { disagreement } from '../tracer/disagreement.js';
import { type Network, networkCase, slopeError } from './network-case.js';

test.before(async () => {
  await tf.setBackend('cpu');
  correctGradients(); // eager TensorFlow.js has none of dilated convolutions
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

const gradients: Readonly<Record<string, readonly [network: Network, training: boolean]>> = {
  'a convolution with reflection': [
    (scope, x) => conv2d(scope, x, { filters: 2, kernel: 3, bias: true, padding: 'reflection' }),
    false,
  ],
  'a dilated convolution': [(scope, x) => conv2d(scope, x, { filters: 2, kernel: 3, dilation: 2 }), false],
  'a kernel of 4 with stride 2 and padding 1': [
    (scope, x) => conv2d(scope, x, { filters: 2, kernel: 4, stride: 2, padding: 1 }),
    false,
  ],
  'stride 2 with `same`': [
    (scope, x) => conv2d(scope, x, { filters: 2, kernel: 3, stride: 2, padding: 'same' }),
    false,
  ],
  'a depthwise convolution with stride 2 and `same`': [
    (scope, x) => depthwiseConv2d(scope, x, { kernel: 5, stride: 2, padding: 'same' }),
    false,
  ],
  "batch normalisation with the batch's statistics": [(scope, x) => batchNorm(scope, x), true],
  'batch normalisation with frozen statistics': [(scope, x) => batchNorm(scope, x), false],
  'instance normalisation with scale and shift': [
    (scope, x) => instanceNorm(scope, x, { affine: true }),
    true,
  ],
};
for (const [name, [network, training]] of Object.entries(gradients)) {
  const layer = networkCase(network, [2, 6, 4, 3], training);

  test(`${name}: gradients agree with finite differences`, (t) => {
    const error = slopeError(layer);
    t.true(error < 1e-2, `${error}`);
  });

  test(`${name}: a compiled step computes the same`, async (t) => {
    const error = await disagreement(layer.fn, layer.samples);
    t.true(error < 1e-4, `${error}`);
  });
}
