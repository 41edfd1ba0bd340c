import type * as tf from '@tensorflow/tfjs';
import test from 'ava';
import type { BatchSchema } from '../../../training/datasets/batches/batch-schema.js';
import { batchNorm, conv2d } from '../../../training/networks/layers.js';
import type { Scope } from '../../../training/networks/scope.js';
import { compileUpdate } from '../../../training/runs/compiled-update.js';
import { declaredParameters } from '../../../training/weights/network-parameters.js';
import { initialParameters } from '../../../training/weights/parameters.js';

const SCHEMA = {
  image: { shape: ['B', 'H', 'W', 3], dtype: 'float32', layout: 'NCHW', range: [0, 1] },
} as const satisfies BatchSchema;

/** Two networks, each a convolution with batch normalisation. */
function networks(scope: Scope, image: tf.Tensor4D): tf.Tensor4D {
  const block = (name: string, x: tf.Tensor4D) =>
    batchNorm(
      scope.child(name).child('bn'),
      conv2d(scope.child(name).child('conv'), x, { filters: 2, kernel: 1 }),
    );
  return block('second', block('first', image));
}

const compiled = (change: object) =>
  compileUpdate({
    parameters: initialParameters(
      declaredParameters((scope, image) => void networks(scope, image)),
      1,
    ),
    update: {
      ...{ name: 'all', trains: ['first', 'second'] },
      loss: (scope, { image }) => {
        const y = networks(scope, image);
        return { loss: y.square().mean<tf.Scalar>(), host: { sums: y.sum([1, 2, 3]) } };
      },
    },
    ...{ schema: SCHEMA, sizes: { B: 2, H: 4, W: 4 }, threads: 1, ...change },
  });
const batch = { image: Float32Array.from({ length: 2 * 3 * 16 }, (_, i) => Math.abs(Math.sin(i))) };
const networksOf = (record: Readonly<Record<string, unknown>>) =>
  [...new Set(Object.keys(record).map((name) => name.split('.')[0]))].sort();

test('an update gives gradients of the networks that it trains, statistics of all, and what host states asked for', async (t) => {
  const all = await compiled({});
  const { gradients, updates, host } = await all.step(batch);
  t.deepEqual(
    [networksOf(gradients), networksOf(updates)],
    [
      ['first', 'second'],
      ['first', 'second'],
    ],
  );
  t.deepEqual([Object.keys(host), host.sums?.length], [['sums'], 2]);
  await all.release();
  const loss = (scope: Scope, { image }: { image: tf.Tensor4D }) => ({
    loss: networks(scope, image).square().mean<tf.Scalar>(),
  });
  const one = await compiled({ update: { name: 'one', trains: ['second'], loss } });
  const result = await one.step(batch);
  t.deepEqual([networksOf(result.gradients), networksOf(result.updates)], [['second'], ['first', 'second']]);
  t.is(result.update, 'one');
  await one.release();
});

test('what an optimizer leaves as it is gets no gradient, and the others’ gradients stay to the bit', async (t) => {
  const all = await compiled({});
  const loss = (scope: Scope, { image }: { image: tf.Tensor4D }) => ({
    loss: networks(scope, image).square().mean<tf.Scalar>(),
  });
  const optimizer = { kind: 'sgd', groups: [{ match: /\.bn\./, rate: 0 }] } as const;
  const some = await compiled({ update: { name: 'some', trains: ['first', 'second'], loss, optimizer } });
  const [whole, part] = [await all.step(batch), await some.step(batch)];
  t.deepEqual(Object.keys(part.gradients).sort(), ['first.conv.weight', 'second.conv.weight']);
  for (const [name, gradient] of Object.entries(part.gradients))
    t.deepEqual(gradient, whole.gradients[name], name);
  await all.release();
  await some.release();
});

test('a frozen network has no gradients and keeps its statistics, and what follows sees it as it was trained', async (t) => {
  const frozen = await compiled({ frozen: ['first'] });
  const { gradients, updates } = await frozen.step(batch);
  t.deepEqual([networksOf(gradients), networksOf(updates)], [['second'], ['second']]);
  await frozen.release();
});
