import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { TrainingError } from '../../../training/errors.js';
import {
  COMPACT_POSE_NETWORK,
  PAPER_POSE_NETWORK,
  type PoseNetworkOptions,
  poseNetwork,
  UNSCALED_POSE,
} from '../../../training/networks/pose-network.js';
import { Scope } from '../../../training/networks/scope.js';
import { inventingScope } from './eager-scope.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const TINY: PoseNetworkOptions = { encoder: [2, 2, 3, 3, 4], channels: 5 };
const image = (seed: number) => tf.randomNormal<tf.Rank.R4>([2, 32, 64, 3], 0, 1, 'float32', seed);

test('two frames give six numbers for each pair, small at the start', (t) => {
  const { scope } = inventingScope(true);
  const motion = poseNetwork(scope, image(1), image(2), TINY);
  t.deepEqual(motion.shape, [2, 6]);
  const values = motion.dataSync();
  t.true(values.every((value) => value !== 0 && Math.abs(value) < 0.05));
});

test('the order of the frames matters', (t) => {
  const { scope } = inventingScope(false);
  const [there, back] = [
    poseNetwork(scope, image(1), image(2), TINY).dataSync(),
    poseNetwork(scope, image(2), image(1), TINY).dataSync(),
  ];
  t.notDeepEqual(there, back);
});

test('the parameters are those of a ResNet-18 for six channels and of a decoder of four convolutions', (t) => {
  const { scope, specs } = inventingScope(false);
  poseNetwork(scope, image(1), image(2), TINY);
  const shapes = Object.fromEntries([...specs].map(([name, { shape }]) => [name, shape]));
  t.deepEqual(shapes['pose_encoder.conv1.weight'], [7, 7, 6, 2]);
  t.deepEqual(shapes['pose.squeeze.weight'], [1, 1, 4, 5]);
  t.deepEqual(shapes['pose.conv_0.weight'], [3, 3, 5, 5]);
  t.deepEqual(shapes['pose.conv_1.weight'], [3, 3, 5, 5]);
  t.deepEqual(shapes['pose.conv_2.weight'], [1, 1, 5, 6]);
  t.deepEqual(shapes['pose.conv_2.bias'], [6]);
  t.is([...specs.keys()].filter((name) => name.startsWith('pose.')).length, 8);
});

test('the motion is the mean of the last convolution times 0.01', (t) => {
  const { scope, values } = inventingScope(false);
  poseNetwork(scope, image(1), image(2), TINY);
  const all = Object.fromEntries(values);
  const flat = {
    ...all,
    'pose.conv_2.weight': tf.zeros([1, 1, 5, 6]),
    'pose.conv_2.bias': tf.tensor1d([1, 2, 3, 4, 5, 6]),
  };
  const motion = poseNetwork(Scope.over(flat, false), image(1), image(2), TINY).arraySync();
  for (const row of motion)
    for (const [i, value] of row.entries()) t.true(Math.abs(value - 0.01 * (i + 1)) < 1e-7);
});

test('a larger scale of the translation moves it alone, and starts no larger', (t) => {
  const { scope, values, specs } = inventingScope(false);
  const larger = { ...TINY, translationScale: 0.3 };
  poseNetwork(scope, image(1), image(2), larger);
  const flat = {
    ...Object.fromEntries(values),
    'pose.conv_2.weight': tf.zeros([1, 1, 5, 6]),
    'pose.conv_2.bias': tf.ones([6]),
  };
  const motion = poseNetwork(Scope.over(flat, false), image(1), image(2), larger).arraySync();
  for (const row of motion)
    for (const [i, value] of row.entries()) t.true(Math.abs(value - (i < 3 ? 0.01 : 0.3)) < 1e-7);
  const bound = (of: typeof specs) => {
    const initializer = of.get('pose.conv_2.weight')?.initializer;
    return initializer?.kind === 'fanInUniform' ? 1 / Math.sqrt(initializer.fanIn) : Number.NaN;
  };
  const usual = inventingScope(false);
  poseNetwork(usual.scope, image(1), image(2), TINY);
  t.true(Math.abs(0.3 * bound(specs) - 0.01 * bound(usual.specs)) < 1e-9);
});

test('unscaled, the motion is the mean of the last convolution itself', (t) => {
  const { scope, values } = inventingScope(false);
  const unscaled = { ...TINY, ...UNSCALED_POSE };
  poseNetwork(scope, image(1), image(2), unscaled);
  const flat = {
    ...Object.fromEntries(values),
    'pose.conv_2.weight': tf.zeros([1, 1, 5, 6]),
    'pose.conv_2.bias': tf.tensor1d([1, 2, 3, 4, 5, 6]),
  };
  const motion = poseNetwork(Scope.over(flat, false), image(1), image(2), unscaled).arraySync();
  for (const row of motion) for (const [i, value] of row.entries()) t.true(Math.abs(value - (i + 1)) < 1e-5);
});

test("the presets are the paper's and a smaller one of the same shape", (t) => {
  t.deepEqual(PAPER_POSE_NETWORK, { encoder: [64, 64, 128, 256, 512], channels: 256 });
  t.true(COMPACT_POSE_NETWORK.channels < PAPER_POSE_NETWORK.channels);
});

test('images of different sizes are refused by name', (t) => {
  const { scope } = inventingScope(false);
  const wide = tf.zeros<tf.Rank.R4>([2, 32, 96, 3]);
  t.throws(() => poseNetwork(scope, image(1), wide, TINY), { instanceOf: TrainingError, message: /^later/ });
});
