import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {
  type EfficientnetKind,
  efficientnetEncoder,
  efficientnetWidths,
} from '../../../training/networks/efficientnet-encoder.js';
import { type ParameterSpec, Scope } from '../../../training/networks/scope.js';
import { storedShape } from '../../../training/weights/parameters.js';
import { liftedCase, networkCase, slopeError } from './network-case.js';
import { apart, spots, waveImage, waveScope } from './wave-scope.js';

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

test('gradients of every block of EfficientNet-Lite0 agree with finite differences', (t) => {
  t.timeout(600_000);
  const features = networkCase(
    (scope, x) => tf.concat(efficientnetEncoder(scope, x, 'efficientnet-lite0').map((y) => y.flatten())),
    [1, 32, 32, 3],
    false,
  );
  const blockOf = (name: string) => name.split('.').slice(0, 2).join('.');
  const error = slopeError(liftedCase(features, /bn2\.bias$/), 1e-2, blockOf);
  t.true(error < 1e-2, `${error}`);
});

/**
 * What the Python package efficientnet_lite_pytorch 0.1.0 gives with the same weights and image, PyTorch 2.15: some numbers
 * of each resolution's last block, their mean, and the standard deviation of all.
 */
const PYTORCH: Readonly<Record<EfficientnetKind, readonly { spread: number; expected: number[] }[]>> = {
  'efficientnet-lite0': [
    { spread: 0.57, expected: [0.352774, 0.485762, -1.044859, 0.226289, -0.511008, -0.041312, 0.004355] },
    { spread: 1.89, expected: [-0.345387, -1.31109, 0.236775, 1.222849, 2.005815, 3.238242, 0.729035] },
    { spread: 1.41, expected: [1.558967, 0.654449, 3.690354, 2.3796, -0.369397, -1.545837, 0.378684] },
    { spread: 3.22, expected: [-1.875376, 4.862457, 3.554083, -0.214835, -1.133832, 5.006921, -0.083048] },
    { spread: 0.83, expected: [-1.011907, -0.909458, 0.971546, -0.926826, 0.397094, -0.290727, 0.023276] },
  ],
  'efficientnet-lite1': [
    { spread: 0.57, expected: [0.352774, 0.485762, -1.044859, 0.226289, -0.511008, -0.041312, 0.004355] },
    { spread: 2.0, expected: [1.252886, -1.81507, -0.337183, 0.724442, 1.767606, 3.949115, 0.763579] },
    { spread: 1.36, expected: [1.813799, 0.467746, 1.47023, 1.161362, -1.074993, 0.085378, 0.164137] },
    { spread: 5.52, expected: [-7.71158, -2.726763, -5.077772, -10.036345, -3.270912, 0.705064, -0.039847] },
    { spread: 4.09, expected: [0.734092, -2.107148, 1.589563, 0.096522, -2.847065, 3.980968, -0.037022] },
  ],
  'efficientnet-lite2': [
    { spread: 0.57, expected: [0.352774, 0.485762, -1.044859, 0.226289, -0.511008, -0.041312, 0.004355] },
    { spread: 2.0, expected: [1.252886, -1.81507, -0.337183, 0.724442, 1.767606, 3.949115, 0.763579] },
    { spread: 1.47, expected: [1.927485, -0.03567, -2.117491, 0.681592, 1.302008, 0.545822, -0.049667] },
    { spread: 5.9, expected: [-8.012161, 6.970305, 8.465074, 0.722309, -3.568521, 6.970531, -0.004204] },
    { spread: 4.26, expected: [0.765565, 3.877549, 2.032595, -3.274468, -6.385876, 3.921588, -0.053276] },
  ],
};

for (const kind of Object.keys(PYTORCH) as EfficientnetKind[])
  test(`${kind} computes what EfficientNet-PyTorch does with the same weights`, (t) => {
    t.timeout(600_000);
    tf.tidy(() => {
      for (const [i, features] of efficientnetEncoder(waveScope(), waveImage(64, 96, 3), kind).entries()) {
        const { spread, expected } = PYTORCH[kind][i];
        const error = apart(spots(features), expected) / spread;
        t.true(error < 1e-4, `${kind}, feature ${i}: ${error}`);
      }
    });
  });
