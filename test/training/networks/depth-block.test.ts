import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { depthBlock, fuseDepth } from '../../../training/networks/depth-block.js';
import { Scope } from '../../../training/networks/scope.js';
import { disagreement } from '../tracer/disagreement.js';
import { inventingScope } from './eager-scope.js';
import { networkCase, parametersOf, slopeError } from './network-case.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const whole = (scope: Scope, x: tf.Tensor4D) => {
  const { encoded, depth } = depthBlock(scope, x);
  return tf.concat([fuseDepth(scope, x, encoded), depth], 3);
};

test("names and shapes are those of the authors' code: 2048, 512, 512, 128 and back", (t) => {
  const { shapes, trainable } = parametersOf(whole, [1, 2, 2, 2048]);
  t.deepEqual(shapes['enc4_1.weight'], [1, 1, 2048, 512]);
  t.deepEqual(shapes['enc4_2.weight'], [3, 3, 512, 512]);
  t.deepEqual(shapes['enc4_3.weight'], [1, 1, 512, 128]);
  t.deepEqual(shapes['dec4.weight'], [1, 1, 128, 2048]);
  t.is(trainable, 2048 * 512 + 512 + 9 * 512 * 512 + 512 + 512 * 128 + 128 + 128 * 2048 + 2048);
});

test('depth is the mean of the encoded channels, which has no ReLU, and the way back is multiplied in', (t) => {
  const centre = (inputs: number, outputs: number, value: number) => {
    const filter = tf.buffer([3, 3, inputs, outputs]);
    for (let i = 0; i < inputs; i++) for (let o = 0; o < outputs; o++) filter.set(value, 1, 1, i, o);
    return filter.toTensor();
  };
  const parameters = {
    // 16 channels: 4, 4, 1.
    'enc4_1.weight': tf.fill([1, 1, 16, 4], 0.5),
    'enc4_1.bias': tf.tensor1d([0, 0, 0, -100]),
    'enc4_2.weight': centre(4, 4, 0.25),
    'enc4_2.bias': tf.tensor1d([1, 1, 1, -50]),
    'enc4_3.weight': tf.fill([1, 1, 4, 1], -0.5),
    'enc4_3.bias': tf.tensor1d([2]),
    'dec4.weight': tf.fill([1, 1, 1, 16], 2),
    'dec4.bias': tf.fill([16], 9.5),
  };
  const scope = Scope.over(parameters, false);
  const x = tf.ones<tf.Rank.R4>([1, 1, 1, 16]);
  const { encoded, depth } = depthBlock(scope, x);
  // 16 * 0.5 = 8 three times and 0; 0.25 * 24 + 1 = 7 three times and 0; -0.5 * 21 + 2 = -8.5.
  t.is(depth.dataSync()[0], -8.5);
  // -8.5 * 2 + 9.5 = -7.5: nothing is left. With a negative half of it 9.5 - 2 * 4 = 1.5 is.
  t.true(
    fuseDepth(scope, x, encoded)
      .dataSync()
      .every((value) => value === 0),
  );
  const half = encoded.add(4.5).mul<tf.Tensor4D>(1); // -4
  t.true(
    fuseDepth(scope, x, half)
      .dataSync()
      .every((value) => value === 1.5),
  );
});

test('the fusion may begin as the features themselves', (t) => {
  const { scope, values } = inventingScope(false);
  const x = tf.fill<tf.Rank.R4>([1, 2, 2, 16], 3);
  fuseDepth(scope, x, tf.zeros([1, 2, 2, 1]), { fusionBias: 1 });
  t.true(
    values
      .get('dec4.bias')
      ?.dataSync()
      .every((value) => value === 1),
  );
  const fused = fuseDepth(scope, x, tf.zeros([1, 2, 2, 1]), { fusionBias: 1 });
  t.true(fused.dataSync().every((value) => value === 3));
});

test('gradients agree with finite differences, and a compiled step computes the same', async (t) => {
  const given = networkCase(whole, [1, 3, 4, 16], false);
  const slope = slopeError(given, 1e-3);
  t.true(slope < 1e-2, `${slope}`);
  const error = await disagreement(given.fn, given.samples);
  t.true(error < 1e-4, `${error}`);
});
