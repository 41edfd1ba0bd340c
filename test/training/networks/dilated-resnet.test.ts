import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { dilatedResnet101 } from '../../../training/networks/dilated-resnet.js';
import { RESNET50_WIDTHS, resnetEncoder } from '../../../training/networks/resnet-encoder.js';
import { correctGradients } from '../../../training/tracer/gradients/correct-gradients.js';
import { disagreement } from '../tracer/disagreement.js';
import { inventingScope } from './eager-scope.js';
import { liftedCase, type Network, networkCase, parametersOf, slopeError } from './network-case.js';

test.before(async () => {
  await tf.setBackend('cpu');
  correctGradients(); // eager TensorFlow.js has none of dilated convolutions
});

const NARROW = [4, 8, 8, 12, 16] as const;

test("names and shapes are those of torchvision's ResNet-101, which has 42.5 M parameters without classifier", (t) => {
  const { shapes, trainable } = parametersOf(dilatedResnet101, [1, 8, 8, 3]);
  t.is(trainable, 42_500_160, '44,549,160 parameters without the 2,049,000 of the classifier');
  const names = (network: typeof dilatedResnet101 | typeof plain) =>
    parametersOf(network, [1, 32, 32, 3]).shapes;
  const plain = (...[scope, x]: Parameters<typeof dilatedResnet101>) =>
    resnetEncoder(scope, x, narrow, 'resnet101')[4];
  const narrow = NARROW;
  const dilated = (...[scope, x]: Parameters<typeof dilatedResnet101>) =>
    dilatedResnet101(scope, x, { widths: narrow });
  t.deepEqual(names(dilated), names(plain));
  t.deepEqual(shapes['layer4.2.conv3.weight'], [1, 1, 512, RESNET50_WIDTHS[4]]);
});

test('the output stride is 8, with one place more as DeepLab rounds', (t) => {
  const { scope } = inventingScope(false);
  const shape = (ceilPooling: boolean, height: number) =>
    dilatedResnet101(scope, tf.zeros([1, height, 16, 3]), { widths: NARROW, ceilPooling }).shape;
  t.deepEqual(shape(true, 64), [1, 9, 3, 16]);
  t.deepEqual(shape(false, 64), [1, 8, 2, 16]);
  t.deepEqual(shape(true, 65), [1, 9, 3, 16], '321 gives 41 in the same way');
});

test('with frozen batch normalisation a compiled step computes the same', async (t) => {
  const given = networkCase(
    (scope, x) => dilatedResnet101(scope, x, { widths: NARROW }),
    [1, 16, 24, 3],
    false,
  );
  const error = await disagreement(given.fn, given.samples);
  t.true(error < 1e-4, `${error}`);
});

test('gradients of every block agree with finite differences', (t) => {
  t.timeout(300_000);
  const network: Network = (scope, x) => dilatedResnet101(scope, x, { widths: NARROW });
  const given = networkCase(network, [1, 16, 16, 3], false);
  const blockOf = (name: string) => name.split('.').slice(0, 2).join('.');
  const error = slopeError(liftedCase(given, /bn3\.bias$/), 1e-2, blockOf);
  t.true(error < 1e-2, `${error}`);
});

test('pictures without three channels are refused by name', (t) => {
  const { scope } = inventingScope(false);
  t.throws(() => dilatedResnet101(scope, tf.ones([1, 32, 32, 1])), {
    name: 'TrainingError',
    message: /^image: /,
  });
});
