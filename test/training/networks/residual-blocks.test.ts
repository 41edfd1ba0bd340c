import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { basicBlock, bottleneckBlock } from '../../../training/networks/residual-blocks.js';
import { correctGradients } from '../../../training/tracer/gradients/correct-gradients.js';
import { disagreement } from '../tracer/disagreement.js';
import { inventingScope } from './eager-scope.js';
import { type Network, networkCase, slopeError } from './network-case.js';

test.before(async () => {
  await tf.setBackend('cpu');
  correctGradients(); // eager TensorFlow.js has none of dilated convolutions
});

const blocks: Readonly<Record<string, Network>> = {
  'basic, strided': (scope, x) => basicBlock(scope, x, { filters: 4, stride: 2 }),
  'basic, dilated': (scope, x) => basicBlock(scope, x, { filters: 2, dilations: [2, 3] }),
  'bottleneck, strided': (scope, x) => bottleneckBlock(scope, x, { filters: 8, stride: 2 }),
  'bottleneck, strided early': (scope, x) =>
    bottleneckBlock(scope, x, { filters: 8, stride: 2, strideIn: '1x1' }),
  'bottleneck, dilated': (scope, x) => bottleneckBlock(scope, x, { filters: 8, dilation: 2 }),
};

for (const [name, network] of Object.entries(blocks)) {
  const given = networkCase(network, [2, 6, 5, 2], true);

  test(`${name}: gradients agree with finite differences`, (t) => {
    const error = slopeError(given);
    t.true(error < 3e-2, `${error}`);
  });

  test(`${name}: a compiled step computes the same`, async (t) => {
    const error = await disagreement(given.fn, given.samples);
    t.true(error < 1e-4, `${error}`);
  });
}

test('a dilated block looks further and keeps the size; only a change of shape asks for a projection', (t) => {
  const { scope, specs } = inventingScope(false);
  const picture = tf.buffer([1, 11, 11, 2]);
  const before = basicBlock(scope, tf.zeros([1, 11, 11, 2]), { filters: 2, dilations: [2, 3] });
  picture.set(5, 0, 5, 5, 0);
  const after = basicBlock(scope, picture.toTensor() as tf.Tensor4D, { filters: 2, dilations: [2, 3] });
  const rows = after.sub(before).abs().max([0, 2, 3]).dataSync();
  const touched = [...rows].flatMap((value, i) => (value > 0 ? [i - 5] : []));
  t.true(
    touched.every((row) => [-5, -3, -2, -1, 0, 1, 2, 3, 5].includes(row)),
    `${touched}`,
  );
  t.true(touched.includes(-5) || touched.includes(5), `${touched}`);
  t.false([...specs.keys()].some((name) => name.startsWith('downsample')));
});
