import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { ParentLogits } from '../../../../training/adaptation/learning/parent-logits.js';
import { Scope } from '../../../../training/networks/scope.js';
import { encode, segmentationHead } from '../../../../training/networks/sgdepth-network.js';
import { networkParameters } from '../../../../training/weights/network-parameters.js';
import { initialParameters } from '../../../../training/weights/parameters.js';
import { tensorsOf } from '../../methods/sgdepth/sgdepth-step.js';
import { TINY_NETWORK } from '../tiny-model.js';

test('the parent says what its network says of normalised pictures, whatever becomes of the weights', async (t) => {
  t.timeout(600_000);
  await tf.setBackend('cpu');
  const [count, width, height] = [2, 64, 32];
  const parameters = initialParameters(networkParameters(TINY_NETWORK), 5);
  const [mean, std] = [
    [0.4, 0.5, 0.6],
    [0.2, 0.25, 0.3],
  ];
  const picture = tf.randomUniform([count, height, width, 3], 0, 1, 'float32', 7) as tf.Tensor4D;
  const image = picture.sub(tf.tensor1d(mean)).div<tf.Tensor4D>(tf.tensor1d(std));
  const scope = Scope.over(tensorsOf(parameters), false);
  const expected = segmentationHead(scope, encode(scope, image, TINY_NETWORK), TINY_NETWORK);
  const parent = await ParentLogits.create({
    ...{ parameters, network: TINY_NETWORK, mean, std, threads: 1 },
    sizes: { count, width, height },
  });
  for (const { values } of parameters.values()) values.fill(0);
  const planes = picture.transpose([0, 3, 1, 2]).dataSync() as Float32Array;
  const found = await parent.of(planes);
  await parent.close();
  const wanted = expected.transpose([0, 3, 1, 2]).dataSync();
  t.is(found.length, wanted.length);
  t.true(wanted.some((value) => Math.abs(value) > 1e-3));
  t.true(found.every((value, i) => Math.abs(value - wanted[i]) < 1e-4));
});
