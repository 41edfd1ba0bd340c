import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {
  type EfficientnetKind,
  efficientnetEncoder,
  efficientnetWidths,
} from '../../../training/networks/efficientnet-encoder.js';
import { type ParameterSpec, Scope } from '../../../training/networks/scope.js';
import { storedShape } from '../../../training/weights/parameters.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

function declared(kind: EfficientnetKind): { shapes: number[][]; specs: ParameterSpec[] } {
  const specs = new Map<string, ParameterSpec>();
  const scope = new Scope((spec) => {
    specs.set(spec.name, spec);
    return tf.zeros([...spec.shape]);
  }, false);
  const shapes = tf.tidy(() =>
    efficientnetEncoder(scope, tf.zeros([1, 64, 96, 3]), kind).map((x) => x.shape),
  );
  return { shapes, specs: [...specs.values()] };
}

test('EfficientNet-Lite0 has the blocks of its table: input, within, output, kernel', (t) => {
  const { shapes, specs } = declared('efficientnet-lite0');
  t.deepEqual(shapes, [
    [1, 32, 48, 16],
    [1, 16, 24, 24],
    [1, 8, 12, 40],
    [1, 4, 6, 112],
    [1, 2, 3, 320],
  ]);
  const stored = new Map(specs.map(({ name, shape }) => [name, storedShape(shape).join()]));
  t.is(stored.get('conv_stem.weight'), '32,3,3,3');
  // Tan and Le 2019, table 1.
  const blocks = [
    [32, 32, 16, 3],
    ...[16, 24].map((input) => [input, 6 * input, 24, 3]),
    ...[24, 40].map((input) => [input, 6 * input, 40, 5]),
    ...[40, 80, 80].map((input) => [input, 6 * input, 80, 3]),
    ...[80, 112, 112].map((input) => [input, 6 * input, 112, 5]),
    ...[112, 192, 192, 192].map((input) => [input, 6 * input, 192, 5]),
    [192, 1152, 320, 3],
  ];
  for (const [i, [input, within, output, kernel]] of blocks.entries()) {
    const expand = i === 0 ? undefined : `${within},${input},1,1`;
    t.is(stored.get(`blocks.${i}.expand_conv.weight`), expand, `block ${i}`);
    t.is(stored.get(`blocks.${i}.depthwise_conv.weight`), `1,${within},${kernel},${kernel}`, `block ${i}`);
    t.is(stored.get(`blocks.${i}.project_conv.weight`), `${output},${within},1,1`, `block ${i}`);
  }
  t.false(stored.has('blocks.16.project_conv.weight'));
});

test('larger ones have the published numbers of weights', (t) => {
  // All of the published network's but those of its head: 1x1 to 1280 channels, its norm, and 1000 classes.
  const published = {
    'efficientnet-lite0': 4652008,
    'efficientnet-lite1': 5416680,
    'efficientnet-lite2': 6092072,
  };
  for (const [name, total] of Object.entries(published)) {
    const kind = name as EfficientnetKind; // a key of the record above
    const { specs } = declared(kind);
    const count = specs
      .filter(({ trainable }) => trainable)
      .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    const head = (efficientnetWidths(kind)[4] + 2) * 1280 + (1280 + 1) * 1000;
    t.is(count, total - head, kind);
  }
});

test("running statistics move as slowly as in the original's training", (t) => {
  const { specs } = declared('efficientnet-lite0');
  const statistics = specs.filter(({ trainable }) => !trainable);
  t.true(statistics.length > 0);
  t.true(statistics.every(({ momentum }) => momentum === 0.01));
});
