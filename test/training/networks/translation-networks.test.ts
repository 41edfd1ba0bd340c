import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { adaptiveInstanceNorm } from '../../../training/networks/adaptive-instance-norm.js';
import { multiScaleDiscriminator } from '../../../training/networks/multi-scale-discriminator.js';
import type { Scope } from '../../../training/networks/scope.js';
import { sobelEdges } from '../../../training/networks/sobel-edges.js';
import { styleDecoder } from '../../../training/networks/style-decoder.js';
import { styleEncoder } from '../../../training/networks/style-encoder.js';
import { disagreement } from '../tracer/disagreement.js';
import { networkCase, parametersOf } from './network-case.js';
import { waveImage, waveScope } from './wave-scope.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const scope = waveScope();
const values = (x: tf.Tensor) => Array.from(x.dataSync());

test('AdaIN gives every channel the mean and deviation that a style asks for', (t) => {
  const x = waveImage(4, 5, 2);
  const y = adaptiveInstanceNorm(scope, x, tf.tensor2d([[3, 0.5]]), tf.tensor2d([[-1, 2]]));
  const { mean, variance } = tf.moments(y, [1, 2]);
  for (const [i, expected] of [-1, 2].entries()) t.true(Math.abs((values(mean)[i] ?? 0) - expected) < 1e-4);
  for (const [i, expected] of [3, 0.5].entries())
    t.true(Math.abs(Math.sqrt(values(variance)[i] ?? 0) - expected) < 1e-3);
  t.throws(() => adaptiveInstanceNorm(scope, x, tf.ones([1, 3]), tf.ones([1, 2])), {
    message: /^gamma: .*\[1, 2\]/,
  });
});

test('the style encoder has eight numbers of MUNIT’s size, and sees contrast', (t) => {
  const { trainable } = parametersOf((s, x) => styleEncoder(s, x, { filters: 64, style: 8 }), [1, 32, 32, 3]);
  // c7s1-64, d128, d256, d256, d256, fc8 with biases, by hand.
  const convolution = (k: number, i: number, o: number) => k * k * i * o + o;
  const byHand =
    convolution(7, 3, 64) + convolution(4, 64, 128) + convolution(4, 128, 256) + 2 * convolution(4, 256, 256);
  t.is(trainable, byHand + convolution(1, 256, 8));
  const of = (x: tf.Tensor4D) => values(styleEncoder(scope, x, { filters: 2, style: 8 }));
  const picture = waveImage(32, 32, 3);
  t.is(of(picture).length, 8);
  t.notDeepEqual(of(picture), of(picture.mul(0.5)));
});

test('the decoder doubles twice, within -1..1, and its picture follows the style', (t) => {
  const options = { blocks: 1, hidden: 4 };
  const of = (style: number) =>
    styleDecoder(scope, waveImage(4, 6, 16), tf.fill<tf.Rank.R2>([1, 8], style), options);
  t.deepEqual(of(1).shape, [1, 16, 24, 3]);
  t.true(values(of(1)).every((value) => value >= -1 && value <= 1));
  t.notDeepEqual(values(of(1)), values(of(-1)));
  const { trainable } = parametersOf(
    (s, x) => styleDecoder(s, x, tf.zeros([1, 8]), { blocks: 4, hidden: 256 }),
    [1, 2, 2, 256],
  );
  const convolution = (k: number, i: number, o: number) => k * k * i * o + o;
  const perceptron = convolution(1, 8, 256) + convolution(1, 256, 256) + convolution(1, 256, 4096);
  const body = 8 * convolution(3, 256, 256) + convolution(5, 256, 128) + convolution(5, 128, 64);
  t.is(trainable, perceptron + body + 2 * 128 + 2 * 64 + convolution(7, 64, 3));
});

test('discriminators score patches of the picture and of its halves', (t) => {
  const options = { filters: 2, layers: 2, scales: 3 };
  const scores = multiScaleDiscriminator(scope, waveImage(32, 48, 3), options);
  t.deepEqual(
    scores.map(({ shape }) => shape),
    [
      [1, 8, 12, 1],
      [1, 4, 6, 1],
      [1, 2, 3, 1],
    ],
  );
  // Halving takes means of what lies within: a picture of one colour stays what it is up to its borders.
  const [whole, halved] = multiScaleDiscriminator(scope, tf.fill([1, 32, 32, 3], 0.5), {
    ...options,
    scales: 2,
  });
  t.deepEqual(
    [whole?.shape, halved?.shape],
    [
      [1, 8, 8, 1],
      [1, 4, 4, 1],
    ],
  );
});

test('Sobel: a step from 0 to 1 gives 1, flat colours next to nothing', (t) => {
  const step = tf
    .tensor4d(
      [0, 0, 1, 1].flatMap((v) => [v, v, v]),
      [1, 1, 4, 3],
    )
    .tile([1, 4, 1, 1]) as tf.Tensor4D;
  const row = values(sobelEdges(step)).slice(4, 8);
  for (const [i, expected] of [0, 1, 1, 0].entries())
    t.true(Math.abs((row[i] ?? 0) - expected) < 1e-3, `${row}`);
  const upright = values(sobelEdges(step.transpose([0, 2, 1, 3])));
  t.true(Math.abs((upright[5] ?? 0) - 1) < 1e-3);
});

const all = (outputs: readonly tf.Tensor4D[]): tf.Tensor => tf.concat(outputs.map((y) => y.flatten()));
const cases = {
  'style encoder': networkCase(
    (s: Scope, x) => styleEncoder(s, x, { filters: 2, style: 3 }),
    [1, 32, 32, 3],
    true,
  ),
  'style decoder': networkCase(
    (s: Scope, x) => styleDecoder(s, x, tf.tensor2d([[0.3, -0.7]]), { blocks: 1, hidden: 3 }),
    [1, 4, 4, 4],
    true,
  ),
  discriminator: networkCase(
    (s: Scope, x) => all(multiScaleDiscriminator(s, x, { filters: 2, layers: 2, scales: 2 })),
    [1, 16, 16, 3],
    true,
  ),
};

for (const [name, network] of Object.entries(cases)) {
  test(`${name}: a compiled step computes the same`, async (t) => {
    const error = await disagreement(network.fn, network.samples);
    t.true(error < 1e-4, `${error}`);
  });
}
