import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { Scope } from '../../../training/networks/scope.js';
import {
  COMPACT_NETWORK,
  confidenceLogits,
  decodeDepth,
  depthHead,
  disparityFromLogits,
  encode,
  PAPER_NETWORK,
  predictDisparity,
  type SgdepthNetworkOptions,
  segmentationHead,
} from '../../../training/networks/sgdepth-network.js';
import { inventingScope } from './eager-scope.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const tiny = (change: Partial<SgdepthNetworkOptions> = {}): SgdepthNetworkOptions => ({
  encoder: [2, 2, 3, 3, 4],
  decoder: { channels: [4, 3, 3, 2, 2], activation: 'elu', padding: 'zero' },
  outputScale: 0,
  disparityBias: 0,
  classes: 3,
  ...change,
});

const IMAGE = tf.randomNormal<tf.Rank.R4>([1, 32, 64, 3], 0, 1, 'float32', 3);

test('heads have the sizes of their scales, finest first', (t) => {
  for (const outputScale of [0, 1, 2] as const) {
    const { scope } = inventingScope(false);
    const options = tiny({ outputScale });
    const features = encode(scope, IMAGE, options);
    const scales = 4 - outputScale;
    t.deepEqual(
      depthHead(scope, features, options, scales).map(({ shape }) => shape),
      [0, 1, 2, 3].slice(outputScale).map((scale) => [1, 32 / 2 ** scale, 64 / 2 ** scale, 1]),
    );
    t.deepEqual(segmentationHead(scope, features, options).shape, [
      1,
      32 / 2 ** outputScale,
      64 / 2 ** outputScale,
      3,
    ]);
  }
});

test('each part has its own parameters under its own name', (t) => {
  const { scope, specs } = inventingScope(false);
  const options = tiny();
  const features = encode(scope, IMAGE, options);
  const parts = () => new Set([...specs.keys()].map((name) => name.split('.')[0]));
  t.deepEqual(parts(), new Set(['encoder']));
  depthHead(scope, features, options, 4);
  t.deepEqual(parts(), new Set(['encoder', 'depth']));
  segmentationHead(scope, features, options);
  t.deepEqual(parts(), new Set(['encoder', 'depth', 'segmentation']));
  const shapes = Object.fromEntries([...specs].map(([name, { shape }]) => [name, shape]));
  t.deepEqual(shapes['depth.upconv_4_0.weight'], [3, 3, 4, 4]);
  t.deepEqual(shapes['depth.upconv_4_1.weight'], [3, 3, 4 + 3, 4], 'with the skip connection from 1/16');
  t.deepEqual(shapes['depth.upconv_0_1.weight'], [3, 3, 2, 2], 'there is none at full size');
  t.deepEqual(shapes['depth.dispconv_3.weight'], [3, 3, 3, 1]);
  t.deepEqual(shapes['segmentation.logits.weight'], [3, 3, 2, 3]);
  t.is([...specs.keys()].filter((name) => /^segmentation\..*weight$/.test(name)).length, 11);
});

test('the starting bias decides the depth of an untrained network', (t) => {
  const { scope, values } = inventingScope(false);
  const options = tiny({ disparityBias: -5 });
  depthHead(scope, encode(scope, IMAGE, options), options);
  t.deepEqual([...(values.get('depth.dispconv_0.bias')?.dataSync() ?? [])], [-5]);
});

test('disparity lies between the ends of the range', (t) => {
  const logits = tf.tensor4d([-100, 0, 100], [1, 1, 3, 1]);
  const [far = 0, middle = 0, near = 0] = disparityFromLogits(logits, 0.5, 80).dataSync();
  t.true(
    Math.abs(far - 1 / 80) < 1e-6 && Math.abs(near - 2) < 1e-6 && Math.abs(middle - (2 + 1 / 80) / 2) < 1e-6,
  );
});

test('the encoder receives (1 - lambda) times the gradient of depth plus lambda times that of segmentation (eq. 6)', (t) => {
  const { scope: inventing, values } = inventingScope(true);
  const first = tiny();
  segmentationHead(inventing, encode(inventing, IMAGE, first), first);
  depthHead(inventing, encode(inventing, IMAGE, first), first);
  const depthTarget = tf.randomNormal([1, 32, 64, 1], 0, 1, 'float32', 8);
  const classTarget = tf.randomNormal([1, 32, 64, 3], 0, 1, 'float32', 9);
  const watched = [
    'encoder.conv1.weight',
    'encoder.layer2.0.conv2.weight',
    'depth.upconv_2_1.weight',
    'segmentation.logits.bias',
  ];
  const gradients = (options: SgdepthNetworkOptions, depth: number, segmentation: number) => {
    const loss = (...given: tf.Tensor[]) => {
      const all = {
        ...Object.fromEntries(values),
        ...Object.fromEntries(watched.map((name, i) => [name, given[i]])),
      };
      const scope = Scope.over(all as Record<string, tf.Tensor>, true); // as many given as watched
      const features = encode(scope, IMAGE, options);
      const [disparity = tf.scalar(0)] = depthHead(scope, features, options);
      return disparity
        .mul(depthTarget)
        .sum()
        .mul(depth)
        .add(
          segmentationHead(scope, features, options).mul(classTarget).sum().mul(segmentation),
        ) as tf.Scalar;
    };
    const result = tf.grads(loss)(watched.map((name) => values.get(name) as tf.Tensor)); // all were invented above
    return new Map(watched.map((name, i) => [name, result[i]?.dataSync() ?? []]));
  };
  const ofDepth = gradients(tiny(), 1, 0);
  const ofSegmentation = gradients(tiny(), 0, 1);
  const compare = (name: string, got: ArrayLike<number>, depth: number, segmentation: number) => {
    const [a, b] = [ofDepth.get(name) ?? [], ofSegmentation.get(name) ?? []];
    const expected = Array.from(a, (x, i) => depth * x + segmentation * (b[i] ?? 0));
    const size = Math.max(...expected.map(Math.abs));
    t.true(size > 1e-3, `${name} has a gradient`);
    t.true(
      expected.every((x, i) => Math.abs(x - (got[i] ?? 0)) < 1e-4 * size),
      name,
    );
  };
  const shared = gradients(tiny({ segmentationGradient: 0.1 }), 1, 1);
  const plain = gradients(tiny(), 1, 1);
  for (const name of watched) {
    const [depth, segmentation] = name.startsWith('encoder') ? [0.9, 0.1] : [1, 1];
    compare(name, shared.get(name) ?? [], depth, segmentation);
    compare(name, plain.get(name) ?? [], 1, 1);
  }
});

test('a shared first convolution gives what two equal ones give, and gets (1 - lambda) and lambda of both gradients', (t) => {
  const { scope: inventing, values } = inventingScope(true);
  const shared = tiny({ sharedFirstConvolution: true, segmentationGradient: 0.1 });
  const both = (scope: Scope, options: SgdepthNetworkOptions) => {
    const features = encode(scope, IMAGE, options);
    const [depth = tf.scalar(0)] = depthHead(scope, features, options);
    return [depth, segmentationHead(scope, features, options)] as const;
  };
  const together = both(inventing, shared);
  const [name, bias] = ['upconv_4_0.weight', 'upconv_4_0.bias'];
  const copies = Object.fromEntries(
    ['depth', 'segmentation'].flatMap((part) =>
      [name, bias].map((each) => [`${part}.${each}`, values.get(`shared.${each}`) as tf.Tensor]),
    ),
  );
  const apart = both(Scope.over({ ...Object.fromEntries(values), ...copies }, true), tiny());
  for (const [i, x] of together.entries()) {
    t.true(
      (x
        .sub(apart[i] as tf.Tensor)
        .abs()
        .max()
        .dataSync()[0] ?? 1) < 1e-5,
    );
  }
  const gradient = (options: SgdepthNetworkOptions, depth: number, segmentation: number) =>
    tf
      .grad((filter) => {
        const all = { ...Object.fromEntries(values), ...copies, [`shared.${name}`]: filter };
        const own =
          options.sharedFirstConvolution === true
            ? {}
            : { [`depth.${name}`]: filter, [`segmentation.${name}`]: filter };
        const [a, b] = both(Scope.over({ ...all, ...own }, true), options);
        return a.square().sum().mul(depth).add(b.square().sum().mul(segmentation)) as tf.Scalar;
      })(values.get(`shared.${name}`) as tf.Tensor)
      .dataSync();
  const [ofDepth, ofSegmentation] = [gradient(tiny(), 1, 0), gradient(tiny(), 0, 1)];
  const size = Math.max(...ofDepth.map(Math.abs), ...ofSegmentation.map(Math.abs));
  const got = gradient(shared, 1, 1);
  t.true(size > 1e-3);
  t.true(
    got.every((x, i) => Math.abs(x - 0.9 * (ofDepth[i] ?? 0) - 0.1 * (ofSegmentation[i] ?? 0)) < 1e-4 * size),
  );
});

test('decoders that begin differently cannot share their first convolution', (t) => {
  const { scope } = inventingScope(false);
  const wide = { ...tiny().decoder, channels: [5, 3, 3, 2, 2] as const };
  const options = tiny({ sharedFirstConvolution: true, segmentationDecoder: wide });
  t.throws(() => encode(scope, IMAGE, options), { name: 'TrainingError', message: /got 4 and 5/ });
});

test('the presets are those of the paper and a smaller one of the same shape', (t) => {
  t.deepEqual(PAPER_NETWORK.encoder, [64, 64, 128, 256, 512]);
  t.is(PAPER_NETWORK.segmentationGradient, 0.1);
  t.is(PAPER_NETWORK.outputScale, 0);
  t.is(COMPACT_NETWORK.classes, PAPER_NETWORK.classes);
});

test('the confidence has the size of the depth, and no gradient passes it', (t) => {
  for (const outputScale of [0, 1, 2] as const) {
    const { scope, specs } = inventingScope(false);
    const options = tiny({ outputScale, confidence: { channels: 3 } });
    const logits = (image: tf.Tensor4D) => {
      const features = encode(scope, image, options);
      return confidenceLogits(scope, features, decodeDepth(scope, features, options), options);
    };
    t.deepEqual(logits(IMAGE).shape, [1, 32 / 2 ** outputScale, 64 / 2 ** outputScale, 1]);
    t.true([...specs.keys()].some((name) => name === 'confidence.logit.weight'));
    // What it says depends on the picture.
    t.notDeepEqual(logits(IMAGE).dataSync(), logits(tf.zerosLike(IMAGE)).dataSync());
    const gradient = tf.grad((image) => logits(image as tf.Tensor4D).sum())(IMAGE);
    t.true(gradient.dataSync().every((x) => x === 0));
  }
});

test('a confidence head leaves depth and classes as they are', (t) => {
  const { scope } = inventingScope(false);
  const outputs = (options: SgdepthNetworkOptions) => {
    const { disparity, features } = predictDisparity(scope, IMAGE, {
      network: options,
      ...{ minMeters: 0.1, maxMeters: 100 },
    });
    return [disparity.dataSync(), segmentationHead(scope, features, options).dataSync()];
  };
  t.deepEqual(outputs(tiny({ confidence: { channels: 3 } })), outputs(tiny()));
});
