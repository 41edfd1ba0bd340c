import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { Scope } from '../../../training/networks/scope.js';
import { transposedConv2d } from '../../../training/networks/transposed-conv2d.js';
import { disagreement } from '../tracer/disagreement.js';
import { inventingScope } from './eager-scope.js';
import { networkCase, slopeError } from './network-case.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const DOUBLING = { filters: 2, kernel: 4, stride: 2, padding: 1 } as const;

test('every pixel puts the kernel down at its place, what overlaps adds up', (t) => {
  const weight = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], [4, 4, 1, 1]);
  const scope = Scope.over({ weight, bias: tf.tensor1d([100]) }, false);
  const x = tf.tensor4d([1, 10], [1, 1, 2, 1]);
  // Rows 1 and 2 of the kernel are left; columns 1 to 3 of the first pixel, 0 to 2 of the second, two further.
  const y = transposedConv2d(scope, x, { ...DOUBLING, filters: 1, bias: true });
  t.deepEqual(y.shape, [1, 2, 4, 1]);
  t.deepEqual(
    [...y.dataSync()].map((value) => value - 100),
    [6, 7 + 50, 8 + 60, 70, 10, 11 + 90, 12 + 100, 110],
  );
});

test('4x4 with stride 2 and padding 1 gives 64 of 32, and from 1x1 2x2', (t) => {
  const { scope, specs } = inventingScope(false);
  t.deepEqual(transposedConv2d(scope, tf.zeros([1, 32, 32, 3]), DOUBLING).shape, [1, 64, 64, 2]);
  t.deepEqual(transposedConv2d(scope, tf.zeros([2, 1, 1, 3]), DOUBLING).shape, [2, 2, 2, 2]);
  t.deepEqual(specs.get('weight')?.shape, [4, 4, 2, 3], 'stored as [3, 2, 4, 4], as PyTorch has it');
});

test('with spectral normalisation the state has one number an output channel', (t) => {
  const { scope, specs } = inventingScope(true);
  transposedConv2d(scope, tf.ones([1, 2, 2, 5]), { ...DOUBLING, spectral: true });
  t.deepEqual(specs.get('weight_u')?.shape, [2]);
});

const cases = {
  plain: networkCase(
    (scope, x) => transposedConv2d(scope, x, { ...DOUBLING, bias: true }),
    [2, 3, 4, 3],
    true,
  ),
  spectral: networkCase(
    (scope, x) => transposedConv2d(scope, x, { ...DOUBLING, spectral: true }),
    [1, 2, 3, 3],
    false,
  ),
};

for (const [name, network] of Object.entries(cases)) {
  test(`${name}: gradients agree with finite differences`, (t) => {
    const error = slopeError(network);
    t.true(error < 1e-2, `${error}`);
  });

  test(`${name}: a compiled step computes the same`, async (t) => {
    const error = await disagreement(network.fn, network.samples);
    t.true(error < 1e-4, `${error}`);
  });
}

test('a result without pixels is refused', (t) => {
  const { scope } = inventingScope(false);
  t.throws(() => transposedConv2d(scope, tf.ones([1, 1, 4, 1]), { ...DOUBLING, padding: 2 }), {
    name: 'TrainingError',
    message: /^transposedConv2d: .*got 0x6 from 1x4/,
  });
});
