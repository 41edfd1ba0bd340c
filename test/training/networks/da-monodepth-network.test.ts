import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {
  type DaMonodepthNetworkOptions,
  depthDecoder,
  domainLogits,
  encodeDaMonodepth,
  PAPER_DA_MONODEPTH,
  semanticDecoder,
  sharedBlock,
} from '../../../training/networks/da-monodepth-network.js';
import { type ParameterSpec, Scope } from '../../../training/networks/scope.js';
import { declaredParameters } from '../../../training/weights/network-parameters.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

function whole(scope: Scope, image: tf.Tensor4D, network: DaMonodepthNetworkOptions) {
  const encoded = encodeDaMonodepth(scope, image, network);
  const features = sharedBlock(scope, encoded, network, 2);
  return {
    depth: depthDecoder(scope, features, network),
    classes: semanticDecoder(scope, features, network),
    domain: domainLogits(scope, encoded[4]),
  };
}

const specsOf = (network: DaMonodepthNetworkOptions) =>
  declaredParameters((scope, image) => void whole(scope, image, network));
const trainable = (specs: readonly ParameterSpec[], prefix = '') =>
  specs
    .filter(({ name, trainable: learns }) => learns && name.startsWith(prefix))
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

test('the paper has 21.5 million trainable parameters', (t) => {
  const paper = specsOf(PAPER_DA_MONODEPTH);
  // ResNet-18 without its classifier; He et al. 2016, as torchvision counts it.
  t.is(trainable(paper, 'encoder.'), 11_176_512);
  // 3x3 convolutions and biases: 512 + 256 in, 512 out.
  t.is(trainable(paper, 'shared.'), 9 * 768 * 512 + 512);
  const blocks = 9 * (640 * 256 + 320 * 128 + 192 * 64 + 64 * 64) + 256 + 128 + 64 + 64;
  const heads = (classes: number) => 9 * classes * (256 + 128 + 64 + 64) + 4 * classes;
  t.is(trainable(paper, 'depth.'), blocks + heads(1));
  t.is(trainable(paper, 'segmentation.'), blocks + heads(19));
  t.is(trainable(paper), 21_544_529);
  t.is((trainable(paper) / 1e6).toFixed(1), '21.5', 'table 5');
});

const SMALL: DaMonodepthNetworkOptions = {
  encoder: [4, 4, 5, 6, 8],
  decoder: { channels: [8, 6, 5, 4, 4], activation: 'elu', padding: 'reflection' },
  classes: 3,
};

/**
 * Weights that any program can compute: waves over the values as PyTorch stores them (OIHW), in the order of the names.
 */
function waves(network: DaMonodepthNetworkOptions): Record<string, tf.Tensor> {
  const specs = [...specsOf(network)].sort((a, b) => (a.name < b.name ? -1 : 1));
  const entries = specs.map(({ name, shape }, k) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const wave = Array.from({ length: size }, (_, i) => Math.sin(0.37 * (i + 1) + 1.3 * k));
    const [height = 1, width = 1, input = 1, output = 1] = shape;
    if (shape.length === 4) {
      const gain = 2 / Math.sqrt(height * width * input);
      const values = wave.map((w) => gain * w);
      return [name, tf.tensor4d(values, [output, input, height, width]).transpose([2, 3, 1, 0])] as const;
    }
    const of = name.endsWith('running_var')
      ? (w: number) => 1 + 0.5 * w * w
      : name.endsWith('weight')
        ? (w: number) => 1 + 0.1 * w
        : (w: number) => 0.1 * w;
    return [name, tf.tensor1d(wave.map(of))] as const;
  });
  return Object.fromEntries(entries);
}

/**
 * What PyTorch 2 makes of the same weights and image: the network built of torch.nn layers alone, in evaluation mode. Values
 * at 0, 1/3, 1/2 and the end of each output, row by row with channels last, and the norm of the whole.
 */
const TORCH = {
  depth: [
    { values: [1.119888, 1.02194, 0.411194, 1.698845], norm: 53.95667 },
    { values: [-0.206539, 0.42649, -0.039456, -0.337758], norm: 16.02737 },
    { values: [0.785449, 0.714572, 0.983088, 0.971582], norm: 12.01284 },
    { values: [-0.186584, -0.685114, 0.005959, 0.413667], norm: 4.54522 },
  ],
  finestClasses: { values: [2.368625, 3.314105, 1.966447, -2.674263], norm: 366.89854 },
  coarsestClasses: { values: [1.244897, 1.513603, 2.578545, 1.458072], norm: 48.95803 },
  domain: { values: [0.112977, 2.708803, 4.444939, 2.555035], norm: 7.38101 },
  parameters: 11_439,
};

test('all outputs agree with the same network in PyTorch', (t) => {
  t.is(trainable(specsOf(SMALL)), TORCH.parameters);
  const planes = tf.tensor4d(
    Array.from({ length: 3 * 64 * 96 }, (_, i) => Math.sin(0.11 * i)),
    [1, 3, 64, 96],
  );
  const scope = Scope.over(waves(SMALL), false);
  const { depth, classes, domain } = whole(scope, planes.transpose([0, 2, 3, 1]), SMALL);
  const agree = (x: tf.Tensor | undefined, { values, norm }: { values: number[]; norm: number }) => {
    const data = x?.dataSync() ?? new Float32Array();
    const at = [0, Math.floor(data.length / 3), data.length / 2, data.length - 1];
    for (const [i, index] of at.entries()) {
      const difference = Math.abs((data[index] ?? Number.NaN) - (values[i] ?? 0));
      t.true(difference < 1e-4, `${x?.shape} at ${index}: ${data[index]}, PyTorch ${values[i]}`);
    }
    t.true(
      Math.abs(Math.hypot(...data) - norm) < 1e-4 * norm,
      `${x?.shape}: ${Math.hypot(...data)}, ${norm}`,
    );
  };
  for (const [scale, expected] of TORCH.depth.entries()) agree(depth[scale], expected);
  agree(classes[0], TORCH.finestClasses);
  agree(classes[3], TORCH.coarsestClasses);
  agree(domain, TORCH.domain);
});

test('the shared block learns from the mean of both decoders, the encoder from their sum', (t) => {
  const parameters = waves(SMALL);
  const image = tf.randomUniform<tf.Rank.R4>([1, 32, 32, 3], -1, 1, 'float32', 1);
  const [block, encoder] = ['shared.conv.weight', 'encoder.layer4.1.conv2.weight'];
  const gradients = (which: readonly ('depth' | 'classes')[], branches: number) => {
    const loss = (...weights: tf.Tensor[]): tf.Scalar => {
      const given = { ...parameters, [block]: weights[0] as tf.Tensor, [encoder]: weights[1] as tf.Tensor };
      const scope = Scope.over(given, false);
      const features = sharedBlock(scope, encodeDaMonodepth(scope, image, SMALL), SMALL, branches);
      const terms = {
        depth: () => depthDecoder(scope, features, SMALL, 1),
        classes: () => semanticDecoder(scope, features, SMALL, 1),
      };
      return tf.addN(which.map((name) => (terms[name]()[0] as tf.Tensor).square().sum<tf.Scalar>()));
    };
    return tf.grads(loss)([parameters[block] as tf.Tensor, parameters[encoder] as tf.Tensor]);
  };
  const [depth, classes, both] = [
    gradients(['depth'], 1),
    gradients(['classes'], 1),
    gradients(['depth', 'classes'], 2),
  ];
  const sum = (i: number) => (depth[i] as tf.Tensor).add(classes[i] as tf.Tensor);
  const error = (a: tf.Tensor, b: tf.Tensor | undefined) =>
    (a
      .sub(b ?? 0)
      .norm()
      .dataSync()[0] ?? 1) / (a.norm().dataSync()[0] ?? 1);
  t.true(error(sum(0).mul(0.5), both[0]) < 1e-5);
  t.true(error(sum(1), both[1]) < 1e-5);
});
