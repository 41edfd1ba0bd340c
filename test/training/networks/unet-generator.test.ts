import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { Scope } from '../../../training/networks/scope.js';
import { type UnetGeneratorOptions, unetGenerator } from '../../../training/networks/unet-generator.js';
import { disagreement } from '../tracer/disagreement.js';
import { inventingScope } from './eager-scope.js';
import { networkCase, slopeError } from './network-case.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const PAPER: UnetGeneratorOptions = { filters: 64, levels: 8, norm: 'batch', spectral: true };
const SMALL: UnetGeneratorOptions = { filters: 2, levels: 3, norm: 'batch', spectral: true };

test('at 256x256 the bottleneck has one pixel; neither it nor the first convolution is normalised', (t) => {
  const { scope, specs } = inventingScope(false);
  const narrow = { ...PAPER, filters: 1 };
  const y = unetGenerator(scope, tf.zeros([1, 256, 256, 3]), narrow, tf.ones([1, 1, 1, 8]));
  t.deepEqual(y.shape, [1, 256, 256, 1]);
  t.true(specs.has('down_7.conv.bias') && specs.has('down_0.conv.bias') && specs.has('up_0.conv.bias'));
  t.false(specs.has('down_6.conv.bias'));
  t.true(specs.has('down_6.norm.weight') && specs.has('up_7.norm.weight'));
  t.false(specs.has('down_7.norm.weight') || specs.has('down_0.norm.weight'));
});

/** Some number for each place of a parameter, the same in the reference. */
function numberAt(name: string, index: number): number {
  const base = /running_var$|norm\.weight$/.test(name) ? 1 : 0;
  return base + 0.3 * Math.sin(0.7 * index + name.length);
}

test("the result is that of PyTorch's layers, built as pix2pix builds them, for the same weights", (t) => {
  const scope = new Scope(
    ({ name, shape }) =>
      tf.tensor(
        Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, i) => numberAt(name, i)),
        [...shape],
      ),
    false,
  );
  const image = Float32Array.from({ length: 16 * 24 * 3 }, (_, i) => 0.8 * Math.sin(0.37 * i));
  const y = unetGenerator(scope, tf.tensor4d(image, [1, 16, 24, 3]), SMALL);
  const at = (row: number, column: number) => y.dataSync()[row * 24 + column] ?? Number.NaN;
  // PyTorch 2.x in double precision, of nn.Conv2d, nn.ConvTranspose2d and nn.BatchNorm2d.
  const expected = [0.325598173, 0.23611855, 0.346828994, 0.381171999];
  const places = [at(0, 0), at(3, 17), at(8, 11), at(15, 23)];
  for (const [i, value] of expected.entries()) t.true(Math.abs((places[i] ?? 0) - value) < 1e-5, `${places}`);
  t.true(Math.abs((y.mean().dataSync()[0] ?? 0) - 0.277862672) < 1e-5);
});

test('the mask drops at the bottleneck alone: without it the way over the other levels stays', (t) => {
  const { scope } = inventingScope(false);
  const image = tf.randomUniform<tf.Rank.R4>([1, 16, 16, 3], -1, 1, 'float32', 7);
  const with1 = (value: number) =>
    unetGenerator(scope, image, SMALL, tf.fill([1, 2, 2, 8], value) as tf.Tensor4D);
  const whole = unetGenerator(scope, image, SMALL);
  const difference = (y: tf.Tensor) => y.sub(whole).abs().max().dataSync()[0] ?? Number.NaN;
  t.is(difference(with1(1)), 0);
  const dropped = with1(0);
  t.true(difference(dropped) > 1e-6);
  const other = tf.randomUniform<tf.Rank.R4>([1, 16, 16, 3], -1, 1, 'float32', 8);
  const moved = unetGenerator(scope, other, SMALL, tf.zeros([1, 2, 2, 8]));
  t.true((moved.sub(dropped).abs().max().dataSync()[0] ?? 0) > 1e-6);
  t.throws(() => unetGenerator(scope, image, SMALL, tf.zeros([1, 1, 1, 8])), { message: /dropout/ });
});

test('pictures that do not halve down to the bottleneck are refused', (t) => {
  const { scope } = inventingScope(false);
  t.throws(() => unetGenerator(scope, tf.zeros([1, 16, 20, 3]), SMALL), {
    name: 'TrainingError',
    message: /multiples of `8` for 3 levels, got 16x20/,
  });
});

for (const norm of ['batch', 'instance', 'none'] as const) {
  // Spectral normalisation lets no gradient through its vectors, which a step in training changes.
  const options = { ...SMALL, norm };
  const given = networkCase((scope, x) => unetGenerator(scope, x, options), [2, 16, 16, 3], false);

  test(`${norm}: gradients agree with finite differences`, (t) => {
    // Small, so that few of the many ReLUs change their side.
    const error = slopeError(given, 5e-5);
    t.true(error < 3e-2, `${error}`);
  });

  test(`${norm}: a compiled step computes the same`, async (t) => {
    const error = await disagreement(given.fn, given.samples);
    t.true(error < 1e-4, `${error}`);
  });
}
