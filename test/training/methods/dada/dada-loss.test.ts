import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {
  type DadaLossOptions,
  dadaLoss,
  discriminatorLoss,
  domainMaps,
} from '../../../../training/methods/dada/dada-loss.js';
import { dadaOutputs } from '../../../../training/networks/dada-network.js';
import { domainDiscriminator } from '../../../../training/networks/domain-discriminator.js';
import type { Scope } from '../../../../training/networks/scope.js';
import { correctGradients } from '../../../../training/tracer/gradients/correct-gradients.js';
import { inventingScope } from '../../networks/eager-scope.js';
import { networkCase, slopeError } from '../../networks/network-case.js';
import { disagreement } from '../../tracer/disagreement.js';
import { floats } from '../../tracer/parity.js';

test.before(async () => {
  await tf.setBackend('cpu');
  correctGradients(); // eager TensorFlow.js has none of dilated convolutions
});

const OPTIONS: DadaLossOptions = {
  network: {
    ...{ trunk: { kind: 'resnet18', widths: [2, 2, 2, 3, 3], channels: 16 }, rates: [1, 2], classes: 3 },
    ...{ depth: true, featureFusion: true, depthScale: 10, outputScale: 0, fusionBias: 1 },
  },
  ...{ adaptation: 'fused', depthWeight: 0.5, adversarialWeight: 2, filters: 2 },
};
const SIZE = [1, 32, 32, 3] as const;
const image = floats(SIZE);
const target = floats(SIZE);
const disparity = floats([1, 32, 32, 1], (x) => 0.05 + 0.02 * x);

const batch = (x: tf.Tensor4D) => ({
  image: x,
  disparity: tf.tensor4d(disparity.data as Float32Array, [1, 32, 32, 1]),
  weight: tf.ones<tf.Rank.R4>([1, 32, 32, 1]),
  labels: tf.tensor3d(
    Int32Array.from({ length: 32 * 32 }, (_, i) => (i % 7 === 6 ? 255 : i % 3)),
    [1, 32, 32],
    'int32',
  ),
  targetImage: tf.tensor4d(target.data as Float32Array, [...SIZE]),
});
const source = () => tf.tensor4d(image.data as Float32Array, [...SIZE]);
const number = (x: tf.Tensor | undefined) => x?.dataSync()[0] ?? Number.NaN;
const near = (a: number, b: number) => Math.abs(a - b) < 1e-5 * Math.max(1, Math.abs(b));

test("DADA's map is -P log P / log C times depth, pixel by pixel", (t) => {
  const logits = tf.tensor4d([0, Math.log(3)], [1, 1, 1, 2]);
  const depth = tf.tensor4d([5], [1, 1, 1, 1]);
  const { map, depthMap } = domainMaps({ logits, depth }, 'fused');
  const by = (p: number) => (-p * Math.log(p)) / Math.log(2);
  const [a = 0, b = 0] = map?.dataSync() ?? [];
  t.true(near(a, 5 * by(0.25)) && near(b, 5 * by(0.75)));
  t.is(depthMap, undefined);
  const surprisal = domainMaps({ logits, depth }, 'surprisal');
  t.true(near(number(surprisal.map), by(0.25)));
  t.is(surprisal.depthMap, undefined);
  t.is(number(domainMaps({ logits, depth }, 'depth').depthMap), 5);
  t.deepEqual(Object.keys(domainMaps({ logits, depth }, 'both')), ['map', 'depthMap']);
  t.deepEqual(domainMaps({ logits }, 'none'), {});
});

test('the loss is the weighted sum of cross-entropy, berHu and a target that passes for the source', (t) => {
  const { scope } = inventingScope(true);
  const given = batch(source());
  const { loss, metrics, host } = dadaLoss(scope, given, OPTIONS);
  const { segmentation, depth, adversarial, variety } = metrics ?? {};
  t.true(near(number(loss), number(segmentation) + 0.5 * number(depth) + 2 * number(adversarial)));

  // Pixel by pixel, from the outputs alone.
  const { logits, depth: predicted } = dadaOutputs(scope, given.image, OPTIONS.network);
  const [rows, labels] = [logits.arraySync()[0] ?? [], given.labels.arraySync()[0] ?? []];
  let [sum, count] = [0, 0];
  for (const [y, row] of rows.entries()) {
    for (const [x, values] of row.entries()) {
      const label = labels[y]?.[x] ?? 255;
      if (label === 255) continue;
      sum += Math.log(values.reduce((s, v) => s + Math.exp(v), 0)) - (values[label] ?? 0);
      count += 1;
    }
  }
  t.true(near(number(segmentation), sum / count), `${number(segmentation)} ${sum / count}`);
  const errors = Array.from(predicted?.dataSync() ?? [], (z, i) =>
    Math.abs(z - 10 * Number(disparity.data[i])),
  );
  const c = 0.2 * Math.max(...errors);
  const berhu = errors.map((e) => (e <= c ? e : (e * e + c * c) / (2 * c)));
  t.true(Math.abs(number(depth) - berhu.reduce((s, e) => s + e, 0) / errors.length) < 1e-4);

  const seen = domainMaps(dadaOutputs(scope, given.targetImage, OPTIONS.network), 'fused');
  const says = domainDiscriminator(scope.child('discriminator'), seen.map as tf.Tensor4D, { filters: 2 });
  const passes = [...says.dataSync()].map((x) => Math.log(1 + Math.exp(-x)));
  t.true(near(number(adversarial), passes.reduce((s, x) => s + x, 0) / passes.length));
  t.true(number(variety) > 0 && number(variety) <= 1);
  t.deepEqual(Object.keys(host ?? {}), ['sourceMap', 'targetMap']);
  t.deepEqual(host?.targetMap?.dataSync(), seen.map?.dataSync());
});

test('discriminators learn to call the source 1 and the target 0', (t) => {
  const { scope } = inventingScope(true);
  const maps = { sourceMap: tf.ones([1, 32, 32, 3]), targetMap: tf.zeros([1, 32, 32, 3]) };
  const given = { ...batch(source()), ...maps } as Parameters<typeof discriminatorLoss>[1];
  const { loss, metrics } = discriminatorLoss(scope, given, OPTIONS);
  const says = (map: tf.Tensor) =>
    number(domainDiscriminator(scope.child('discriminator'), map as tf.Tensor4D, { filters: 2 }));
  const onSource = Math.log(1 + Math.exp(-says(maps.sourceMap)));
  const onTarget = Math.log(1 + Math.exp(says(maps.targetMap)));
  t.true(near(number(metrics?.discriminatorSource), onSource));
  t.true(near(number(metrics?.discriminatorTarget), onTarget));
  t.true(near(number(loss), onSource + onTarget));
});

/** The networks' loss as a function of the source image and all parameters. */
const lossCase = (options: DadaLossOptions) =>
  networkCase((scope: Scope, x) => dadaLoss(scope, batch(x), options).loss.reshape([1]), SIZE, true);

/** Of the first and the last layers, between which all others lie: each costs two passes. */
const LAYERS = [
  'x',
  'encoder.conv1.weight',
  'depth.enc4_3.weight',
  'depth.dec4.bias',
  'segmentation.conv2d_list.1.weight',
];

test('gradients of segmentation and adversary agree with finite differences', (t) => {
  // berHu's threshold has no gradient on purpose: its own test takes it as given.
  const { fn, samples } = lossCase({ ...OPTIONS, depthWeight: 0 });
  const part = (moved: boolean) =>
    Object.fromEntries(Object.entries(samples).filter(([name]) => LAYERS.includes(name) === moved));
  const fixed = Object.entries(part(false)).map(
    ([name, { data, shape }]) => [name, tf.tensor(data as Float32Array, [...shape])] as const,
  );
  const error = slopeError(
    { samples: part(true), fn: (given) => fn({ ...Object.fromEntries(fixed), ...given }) },
    3e-3,
  );
  t.true(error < 5e-2, `${error}`);
});

for (const adaptation of ['fused', 'both'] as const) {
  test(`a compiled step of ${adaptation} computes the same loss and gradients`, async (t) => {
    const { fn, samples } = lossCase({ ...OPTIONS, adaptation });
    const error = await disagreement(fn, samples);
    t.true(error < 2e-4, `${error}`);
  });
}
