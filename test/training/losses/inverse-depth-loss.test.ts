import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { inverseDepthLoss } from '../../../training/losses/inverse-depth-loss.js';
import { disagreement } from '../tracer/disagreement.js';
import { floats } from '../tracer/parity.js';
import { gradientError } from './gradients.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const uniform = (value: number, height = 4, width = 5) => tf.fill<tf.Rank.R4>([1, height, width, 1], value);
const number = (x: tf.Scalar): number => x.dataSync()[0] ?? Number.NaN;
const near = (a: number, b: number): boolean => Math.abs(a - b) < 2e-5; // variances are differences of squares

test('uniform inverse depths by hand: 0.3 predicted, 0.2 true', (t) => {
  // Without structure SSIM is (2 a b + C1) / (a^2 + b^2 + C1), C1 = 1e-4: 0.1201 / 0.1301.
  const structure = (1 - 0.1201 / 0.1301) / 2;
  const all = uniform(1);
  const loss = (l1Share: number) => number(inverseDepthLoss(uniform(0.3), uniform(0.2), all, { l1Share }));
  t.true(near(loss(1), 0.1), 'eq. 2');
  t.true(near(loss(0), structure));
  t.true(near(loss(0.15), 0.85 * structure + 0.15 * 0.1), 'eq. 4');
});

test('what is not known does not count, nor do patches that it is part of', (t) => {
  const truth = tf.tensor4d([0.2, 0.2, 0.2, 0.2, 0.9, 0.9], [1, 1, 6, 1]).tile<tf.Tensor4D>([1, 4, 1, 1]);
  const known = tf.tensor4d([1, 1, 1, 1, 0, 0], [1, 1, 6, 1]).tile<tf.Tensor4D>([1, 4, 1, 1]);
  const structure = (1 - 0.1201 / 0.1301) / 2;
  const predicted = uniform(0.3, 4, 6);
  t.true(near(number(inverseDepthLoss(predicted, truth, known, { l1Share: 0.5 })), 0.5 * (structure + 0.1)));
  const gradient = tf.grad((x) => inverseDepthLoss(x as tf.Tensor4D, truth, known, { l1Share: 0.5 }))(
    predicted,
  );
  const row = [...gradient.dataSync()].slice(0, 6);
  t.true(row.every(Number.isFinite));
  t.deepEqual(row.slice(4), [0, 0]);
  t.is(number(inverseDepthLoss(predicted, truth, tf.zerosLike(known), { l1Share: 0.5 })), 0);
});

test('truth itself costs nothing, and shapes that do not fit are refused by name', (t) => {
  const truth = tf.randomUniform<tf.Rank.R4>([2, 6, 7, 1], 0, 1, 'float32', 3);
  const loss = number(inverseDepthLoss(truth, truth, tf.onesLike(truth), { l1Share: 0.3 }));
  t.true(Math.abs(loss) < 1e-6, `${loss}`);
  t.throws(() => inverseDepthLoss(truth, uniform(1), tf.onesLike(truth), { l1Share: 0.3 }), {
    name: 'TrainingError',
    message: /^truth: expected the shape/,
  });
});

const [shape, count] = [[1, 5, 6, 1], 30];
const wave = (offset: number, size: number) => ({
  ...floats(shape),
  data: Float32Array.from({ length: count }, (_, i) => 0.5 + size * Math.sin(1.3 * i + offset)),
});
const samples = { predicted: wave(0, 0.3), truth: wave(2, 0.3) };
const loss = ({ predicted, truth }: Record<string, tf.Tensor>) =>
  inverseDepthLoss(
    predicted as tf.Tensor4D,
    truth as tf.Tensor4D,
    tf.tensor4d(
      Array.from({ length: count }, (_, i) => (i % 11 === 0 ? 0 : 1)),
      [1, 5, 6, 1],
    ),
    { l1Share: 0.4 },
  );

test('the gradient agrees with finite differences', (t) => {
  const truth = tf.tensor(samples.truth.data, shape);
  const error = gradientError(
    (predicted) => loss({ predicted, truth }),
    tf.tensor(samples.predicted.data, shape),
    1e-3,
  );
  t.true(error < 1e-2, `${error}`);
});

test('a compiled step computes the same', async (t) => {
  const error = await disagreement(loss, samples);
  t.true(error < 1e-4, `${error}`);
});
