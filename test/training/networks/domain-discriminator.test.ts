import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { domainDiscriminator } from '../../../training/networks/domain-discriminator.js';
import { disagreement } from '../tracer/disagreement.js';
import { inventingScope } from './eager-scope.js';
import { networkCase, parametersOf, slopeError } from './network-case.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

test("names and shapes are those of AdvEnt's and DADA's discriminator over 16 classes", (t) => {
  const { shapes, trainable } = parametersOf(domainDiscriminator, [1, 32, 32, 16]);
  const filters = Object.entries(shapes).filter(([, shape]) => shape.length === 4);
  t.deepEqual(Object.fromEntries(filters), {
    '0.weight': [4, 4, 16, 64],
    '2.weight': [4, 4, 64, 128],
    '4.weight': [4, 4, 128, 256],
    '6.weight': [4, 4, 256, 512],
    '8.weight': [4, 4, 512, 1],
  });
  const sizes = [16 * 64, 64 * 128, 128 * 256, 256 * 512, 512].map((pairs) => 16 * pairs);
  t.is(trainable, sizes.reduce((a, b) => a + b) + 64 + 128 + 256 + 512 + 1);
});

test('the five strides leave 1/32, rounded down', (t) => {
  const { scope } = inventingScope(false);
  const narrow = { filters: 1 };
  t.deepEqual(domainDiscriminator(scope, tf.ones([1, 64, 96, 2]), narrow).shape, [1, 2, 3, 1]);
  t.deepEqual(domainDiscriminator(scope, tf.ones([1, 33, 63, 2]), narrow).shape, [1, 1, 1, 1]);
  t.throws(() => domainDiscriminator(scope, tf.ones([1, 31, 64, 2]), narrow), {
    name: 'TrainingError',
    message: /^x: expected at least 32 rows and columns, got 31x64/,
  });
});

const given = networkCase((scope, x) => domainDiscriminator(scope, x, { filters: 2 }), [2, 32, 64, 3], true);

test('gradients agree with finite differences', (t) => {
  const error = slopeError(given);
  t.true(error < 2e-2, `${error}`);
});

test('a compiled step computes the same', async (t) => {
  const error = await disagreement(given.fn, given.samples);
  t.true(error < 1e-4, `${error}`);
});
