import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { atrousPyramid } from '../../../training/networks/atrous-pyramid.js';
import { Scope } from '../../../training/networks/scope.js';
import { correctGradients } from '../../../training/tracer/gradients/correct-gradients.js';
import { disagreement } from '../tracer/disagreement.js';
import { inventingScope } from './eager-scope.js';
import { networkCase, parametersOf, slopeError } from './network-case.js';

test.before(async () => {
  await tf.setBackend('cpu');
  correctGradients(); // eager TensorFlow.js has none of dilated convolutions
});

test("names and shapes are those of DeepLab's classifier", (t) => {
  const { shapes, trainable } = parametersOf(
    (scope, x) => atrousPyramid(scope, x, { filters: 16 }),
    [1, 2, 2, 2048],
  );
  t.deepEqual(shapes['conv2d_list.0.weight'], [3, 3, 2048, 16]);
  t.deepEqual(shapes['conv2d_list.3.bias'], [16]);
  t.is(Object.keys(shapes).length, 8);
  t.is(trainable, 4 * (9 * 2048 * 16 + 16));
});

test('a pixel reaches the places 6, 12, 18 and 24 away, and itself from all branches', (t) => {
  const parameters = Object.fromEntries(
    [1, 10, 100, 1000].flatMap((weight, i) => [
      [`conv2d_list.${i}.weight`, tf.fill([3, 3, 1, 1], weight)],
      [`conv2d_list.${i}.bias`, tf.tensor1d([0.25])],
    ]),
  );
  const size = 49;
  const picture = tf.buffer([1, size, size, 1]);
  picture.set(1, 0, 24, 24, 0);
  const y = atrousPyramid(Scope.over(parameters, false), picture.toTensor() as tf.Tensor4D, { filters: 1 });
  t.deepEqual(y.shape, [1, size, size, 1]);
  const values = y.sub(1).dataSync(); // the four biases
  const found = new Map<number, string[]>();
  for (const [i, value] of values.entries()) {
    if (value === 0) continue;
    const place = `${Math.floor(i / size) - 24},${(i % size) - 24}`;
    found.set(value, [...(found.get(value) ?? []), place]);
  }
  t.deepEqual(found.get(1111), ['0,0']);
  for (const [weight, rate] of [
    [1, 6],
    [10, 12],
    [100, 18],
    [1000, 24],
  ] as const) {
    const around = [-rate, 0, rate].flatMap((dy) => [-rate, 0, rate].map((dx) => `${dy},${dx}`));
    t.deepEqual(
      found.get(weight),
      around.filter((place) => place !== '0,0'),
      `${rate}`,
    );
  }
  t.is(found.size, 5);
});

const given = networkCase(
  (scope, x) => atrousPyramid(scope, x, { filters: 2, rates: [1, 2, 3] }),
  [1, 4, 5, 2],
  true,
);

test('gradients agree with finite differences', (t) => {
  const error = slopeError(given);
  t.true(error < 5e-3, `${error}`);
});

test('a compiled step computes the same, with taps beyond the image too', async (t) => {
  const wide = networkCase((scope, x) => atrousPyramid(scope, x, { filters: 2 }), [1, 8, 14, 3], true);
  const error = await disagreement(wide.fn, wide.samples);
  t.true(error < 1e-4, `${error}`);
});

test('no rate at all is refused', (t) => {
  const { scope } = inventingScope(false);
  t.throws(() => atrousPyramid(scope, tf.ones([1, 2, 2, 1]), { filters: 1, rates: [] }), {
    message: /^rates: /,
  });
});
