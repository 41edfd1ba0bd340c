import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {
  RESNET18_WIDTHS,
  RESNET50_WIDTHS,
  resnetEncoder,
} from '../../../training/networks/resnet-encoder.js';
import { type ParameterSpec, Scope } from '../../../training/networks/scope.js';
import { storedShape } from '../../../training/weights/parameters.js';
import { inventingScope } from './eager-scope.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

/** state_dict() of torchvision's resnet18 without its classifier and batch counters, written down from its source. */
function torchvisionResnet18(): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  const conv = (name: string, output: number, input: number, kernel: number) =>
    shapes.set(`${name}.weight`, [output, input, kernel, kernel]);
  const norm = (name: string, channels: number) => {
    for (const part of ['weight', 'bias', 'running_mean', 'running_var'])
      shapes.set(`${name}.${part}`, [channels]);
  };
  conv('conv1', 64, 3, 7);
  norm('bn1', 64);
  for (const [stage, output] of [64, 128, 256, 512].entries()) {
    const input = stage === 0 ? 64 : output / 2;
    for (const block of [0, 1]) {
      const name = `layer${stage + 1}.${block}`;
      conv(`${name}.conv1`, output, block === 0 ? input : output, 3);
      norm(`${name}.bn1`, output);
      conv(`${name}.conv2`, output, output, 3);
      norm(`${name}.bn2`, output);
      if (block === 0 && stage > 0) {
        conv(`${name}.downsample.0`, output, input, 1);
        norm(`${name}.downsample.1`, output);
      }
    }
  }
  return shapes;
}

test("names and shapes are those of torchvision's ResNet-18", (t) => {
  const specs = new Map<string, ParameterSpec>();
  const scope = new Scope((spec) => {
    specs.set(spec.name, spec);
    return tf.zeros([...spec.shape]);
  }, false);
  const features = tf.tidy(() =>
    resnetEncoder(scope.child('encoder'), tf.zeros([1, 32, 32, 3]), RESNET18_WIDTHS).map(
      ({ shape }) => shape,
    ),
  );
  t.deepEqual(features, [
    [1, 16, 16, 64],
    [1, 8, 8, 64],
    [1, 4, 4, 128],
    [1, 2, 2, 256],
    [1, 1, 1, 512],
  ]);
  const stored = [...specs.values()].map(({ name, shape }) => [name, [...storedShape(shape)]] as const);
  const expected = [...torchvisionResnet18()].map(([name, shape]) => [`encoder.${name}`, shape] as const);
  t.deepEqual(new Map(stored), new Map(expected));
  t.is(
    [...specs.values()]
      .filter((spec) => spec.trainable)
      .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0),
    11_176_512,
    '11,689,512 parameters without the 513,000 of the classifier',
  );
  for (const { name, trainable } of specs.values()) t.is(trainable, !/running_/.test(name), name);
});

test("names and shapes are those of torchvision's ResNet-50", (t) => {
  const specs = new Map<string, ParameterSpec>();
  const scope = new Scope((spec) => {
    specs.set(spec.name, spec);
    return tf.zeros([...spec.shape]);
  }, false);
  const features = tf.tidy(() =>
    resnetEncoder(scope, tf.zeros([1, 32, 32, 3]), RESNET50_WIDTHS, 'resnet50').map(({ shape }) => shape),
  );
  t.deepEqual(features, [
    [1, 16, 16, 64],
    [1, 8, 8, 256],
    [1, 4, 4, 512],
    [1, 2, 2, 1024],
    [1, 1, 1, 2048],
  ]);
  const stored = (name: string) => [...storedShape(specs.get(name)?.shape ?? [])];
  // The first of every stage narrows what the stage before gave out; the stride is that of the 3x3.
  t.deepEqual(stored('layer1.0.conv1.weight'), [64, 64, 1, 1]);
  t.deepEqual(stored('layer1.0.downsample.0.weight'), [256, 64, 1, 1]);
  t.deepEqual(stored('layer3.0.conv1.weight'), [256, 512, 1, 1]);
  t.deepEqual(stored('layer3.5.conv2.weight'), [256, 256, 3, 3]);
  t.deepEqual(stored('layer4.2.bn3.running_var'), [2048]);
  t.false(specs.has('layer4.3.conv1.weight'));
  t.is(
    [...specs.values()]
      .filter((spec) => spec.trainable)
      .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0),
    23_508_032,
    '25,557,032 parameters without the 2,049,000 of the classifier',
  );
});

test('the features are rectified and of the widths asked for', (t) => {
  const { scope } = inventingScope(true);
  const image = tf.randomNormal<tf.Rank.R4>([2, 32, 64, 3], 0, 1, 'float32', 3);
  const features = resnetEncoder(scope, image, [3, 4, 5, 6, 7]);
  t.deepEqual(
    features.map(({ shape }) => shape),
    [
      [2, 16, 32, 3],
      [2, 8, 16, 4],
      [2, 4, 8, 5],
      [2, 2, 4, 6],
      [2, 1, 2, 7],
    ],
  );
  for (const feature of features) {
    t.is(feature.min().dataSync()[0], 0);
    t.true((feature.max().dataSync()[0] ?? 0) > 0.1, 'the signal survives');
  }
});
