import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { type DrnWidths, drnD22 } from '../../../training/networks/drn-d-22.js';
import { correctGradients } from '../../../training/tracer/gradients/correct-gradients.js';
import { disagreement } from '../tracer/disagreement.js';
import { inventingScope } from './eager-scope.js';
import { liftedCase, networkCase, parametersOf, slopeError } from './network-case.js';

test.before(async () => {
  await tf.setBackend('cpu');
  correctGradients(); // eager TensorFlow.js has none of dilated convolutions
});

const NARROW: DrnWidths = [2, 2, 3, 4, 4, 5, 6, 6, 6];

test('names, shapes and their number are those of the published DRN-D-22 without its classifier', (t) => {
  const { shapes, trainable } = parametersOf(drnD22, [1, 8, 8, 3]);
  t.is(trainable, 15_880_752, '16,393,752 parameters without the 513,000 of the classifier');
  t.deepEqual(shapes['layer0.0.weight'], [7, 7, 3, 16]);
  t.deepEqual(shapes['layer0.1.running_mean'], [16]);
  t.deepEqual(shapes['layer2.0.weight'], [3, 3, 16, 32]);
  t.deepEqual(shapes['layer4.0.downsample.0.weight'], [1, 1, 64, 128]);
  t.deepEqual(shapes['layer5.0.downsample.1.weight'], [256], 'wider, though at the same resolution');
  t.deepEqual(shapes['layer6.1.conv2.weight'], [3, 3, 512, 512]);
  t.deepEqual(shapes['layer8.0.weight'], [3, 3, 512, 512]);
  t.false('layer3.1.downsample.0.weight' in shapes);
  t.false(Object.keys(shapes).some((name) => name.startsWith('fc')));
});

test('the output stride is 8', (t) => {
  const { scope } = inventingScope(false);
  t.deepEqual(drnD22(scope, tf.zeros([2, 32, 40, 3]), NARROW).shape, [2, 4, 5, 6]);
  t.deepEqual(drnD22(scope, tf.zeros([1, 33, 7, 3]), NARROW).shape, [1, 5, 1, 6]);
});

for (const training of [true, false]) {
  test(`a compiled step computes the same, ${training ? 'in training' : 'with frozen statistics'}`, async (t) => {
    const given = networkCase((scope, x) => drnD22(scope, x, NARROW), [2, 24, 32, 3], training);
    const error = await disagreement(given.fn, given.samples);
    t.true(error < 1e-4, `${error}`);
  });
}

test('gradients of every stage and block agree with finite differences', (t) => {
  const given = networkCase((scope, x) => drnD22(scope, x, NARROW), [1, 16, 16, 3], false);
  const blockOf = (name: string) => /^layer[3-6]\.\d/.exec(name)?.[0] ?? name.slice(0, 'layer0'.length);
  const error = slopeError(liftedCase(given, /bn2\.bias$/), 1e-2, blockOf);
  t.true(error < 1e-2, `${error}`);
});

test('pictures without three channels are refused by name', (t) => {
  const { scope } = inventingScope(false);
  t.throws(() => drnD22(scope, tf.ones([1, 32, 32, 1]), NARROW), {
    name: 'TrainingError',
    message: /^image: /,
  });
});
