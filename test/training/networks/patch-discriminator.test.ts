import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { patchDiscriminator } from '../../../training/networks/patch-discriminator.js';
import { disagreement } from '../tracer/disagreement.js';
import { inventingScope } from './eager-scope.js';
import { type Network, networkCase, parametersOf, slopeError } from './network-case.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

test("names, shapes and their number are those of pix2pix's discriminator for images of 3 and 3 channels", (t) => {
  const { shapes, trainable } = parametersOf(patchDiscriminator, [1, 32, 32, 6]);
  const filters = Object.entries(shapes).filter(([, shape]) => shape.length === 4);
  t.deepEqual(Object.fromEntries(filters), {
    'model.0.weight': [4, 4, 6, 64],
    'model.2.weight': [4, 4, 64, 128],
    'model.5.weight': [4, 4, 128, 256],
    'model.8.weight': [4, 4, 256, 512],
    'model.11.weight': [4, 4, 512, 1],
  });
  t.deepEqual(shapes['model.9.running_mean'], [512]);
  t.false('model.8.bias' in shapes, 'the normalisation has a shift of its own');
  t.is(trainable, 2_768_705, '2.769 M, as its code prints');
});

test('without batch normalisation all convolutions have a bias; spectral normalisation has its states', (t) => {
  const options = { filters: 2, norm: 'none', spectral: true } as const;
  const { shapes } = parametersOf((scope, x) => patchDiscriminator(scope, x, options), [1, 32, 32, 4]);
  for (const index of [0, 2, 5, 8, 11]) {
    t.true(`model.${index}.bias` in shapes && `model.${index}.weight_u` in shapes, `${index}`);
  }
  t.is(Object.keys(shapes).length, 15);
});

test('a score sees exactly 70x70 pixels, and there are 30x30 of 256x256', (t) => {
  const { scope } = inventingScope(false);
  const scores = (x: tf.Tensor4D) =>
    patchDiscriminator(scope, x, { filters: 2, initializer: { kind: 'heNormal' } });
  const size = 160;
  const before = scores(tf.zeros([1, size, size, 1]));
  t.deepEqual(before.shape, [1, 18, 18, 1]);
  const [row, column] = [9, 8];
  // By hand: each layer reaches one tap further at its own stride: 1 + 2 + 4 + 8 + 8 = 23 pixels before 8 times the place.
  const [top, left] = [8 * row - 23, 8 * column - 23];
  const changes = (y: number, x: number): boolean => {
    const picture = tf.buffer([1, size, size, 1]);
    picture.set(1e4, 0, y, x, 0);
    const after = scores(picture.toTensor() as tf.Tensor4D);
    return after.sub(before).slice([0, row, column, 0], [1, 1, 1, 1]).dataSync()[0] !== 0;
  };
  t.true(changes(top, left), 'the first pixel');
  t.true(changes(top + 69, left + 69), 'the last pixel');
  t.false(changes(top - 1, left + 35));
  t.false(changes(top + 35, left - 1));
  t.false(changes(top + 70, left + 35));
  t.false(changes(top + 35, left + 70));
});

test('an image that holds no patch is refused, in whatever way', (t) => {
  const { scope } = inventingScope(false);
  t.throws(() => patchDiscriminator(scope, tf.ones([1, 24, 23, 1]), { filters: 1 }), {
    name: 'TrainingError',
    message: /^x: expected at least 24 rows and columns, got 24x23/,
  });
  t.deepEqual(patchDiscriminator(scope, tf.ones([1, 24, 24, 1]), { filters: 1 }).shape, [1, 1, 1, 1]);
});

const kinds: Readonly<Record<string, Network>> = {
  batch: (scope, x) => patchDiscriminator(scope, x, { filters: 2, initializer: { kind: 'xavierNormal' } }),
  spectral: (scope, x) =>
    patchDiscriminator(scope, x, {
      filters: 2,
      norm: 'none',
      spectral: true,
      initializer: { kind: 'xavierNormal' },
    }),
  instance: (scope, x) =>
    patchDiscriminator(scope, x, { filters: 2, norm: 'instance', initializer: { kind: 'xavierNormal' } }),
};

for (const [name, network] of Object.entries(kinds)) {
  // Spectral normalisation lets no gradient through its vectors, which a step in training changes.
  const given = networkCase(network, [2, 40, 32, 2], name !== 'spectral');

  test(`${name}: gradients agree with finite differences`, (t) => {
    const error = slopeError(given);
    t.true(error < 3e-2, `${error}`);
  });

  test(`${name}: a compiled step computes the same`, async (t) => {
    const error = await disagreement(given.fn, given.samples);
    t.true(error < 1e-4, `${error}`);
  });
}
