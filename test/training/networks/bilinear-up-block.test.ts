import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { bilinearUpBlock } from '../../../training/networks/bilinear-up-block.js';
import { Scope } from '../../../training/networks/scope.js';
import { gradientError } from '../losses/gradients.js';
import { disagreement } from '../tracer/disagreement.js';
import { floats } from '../tracer/parity.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const OPTIONS = { filters: 1, activation: 'relu', padding: 'zero' } as const;
/** A filter that only looks at its centre. */
const centre = (...weights: number[]) =>
  tf.pad(tf.tensor4d(weights, [1, 1, weights.length, 1]), [
    [1, 1],
    [1, 1],
    [0, 0],
    [0, 0],
  ]);

test('upsampling weighs the two nearest pixels 3 to 1, then the convolution and the rectifier follow', (t) => {
  const scope = Scope.over({ 'conv.weight': centre(2), 'conv.bias': tf.tensor1d([-3]) }, false);
  const y = bilinearUpBlock(scope, tf.tensor4d([0, 4], [1, 1, 2, 1]), OPTIONS);
  t.deepEqual(y.shape, [1, 2, 4, 1]);
  t.deepEqual([...y.dataSync()], [0, 0, 3, 5, 0, 0, 3, 5]); // 0 1 3 4 doubled, less 3
});

test('skip connections join at the finer size, and others are refused by name', (t) => {
  const scope = Scope.over({ 'conv.weight': centre(1, 10), 'conv.bias': tf.tensor1d([0]) }, false);
  const skip = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  const one = tf.ones<tf.Rank.R4>([1, 1, 1, 1]);
  t.deepEqual([...bilinearUpBlock(scope, one, OPTIONS, skip).dataSync()], [11, 21, 31, 41]);
  t.throws(() => bilinearUpBlock(scope, one, OPTIONS, one), {
    name: 'TrainingError',
    message: /^skip: .*\[1, 2, 2, S\].*got \[1, 1, 1, 1\]/,
  });
});

const block = ({ x, s, w, b }: Record<string, tf.Tensor>) =>
  bilinearUpBlock(
    Scope.over({ 'conv.weight': w, 'conv.bias': b }, true),
    x as tf.Tensor4D,
    { filters: 2, activation: 'elu', padding: 'reflection' },
    s as tf.Tensor4D,
  );
const samples = { x: floats([1, 2, 3, 2]), s: floats([1, 4, 6, 1]), w: floats([3, 3, 3, 2]), b: floats([2]) };

test('the gradient agrees with finite differences', (t) => {
  const given = Object.fromEntries(
    Object.entries(samples).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  );
  for (const name of ['x', 's', 'w']) {
    const loss = (value: tf.Tensor) =>
      block({ ...given, [name]: value })
        .square()
        .sum() as tf.Scalar;
    const error = gradientError(loss, given[name]);
    t.true(error < 1e-2, `${name}: ${error}`);
  }
});

test('a compiled step computes the same', async (t) => {
  const error = await disagreement(block, samples);
  t.true(error < 1e-4, `${error}`);
});
