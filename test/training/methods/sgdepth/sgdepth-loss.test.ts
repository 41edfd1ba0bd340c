import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { TrainingError } from '../../../../training/errors.js';
import type { SgdepthBatch, SgdepthOptions } from '../../../../training/methods/sgdepth/sgdepth-loss.js';
import { COMPACT_SGDEPTH, PAPER_SGDEPTH } from '../../../../training/methods/sgdepth/sgdepth-presets.js';
import { Adam } from '../../../../training/optimizers/adam.js';
import type { Parameters } from '../../../../training/weights/parameters.js';
import {
  batchTensors,
  compileStep,
  dataOf,
  HEIGHT,
  lossOf,
  simulatedBatch,
  startingParameters,
  TINY,
  tensorsOf,
  valuesOf,
  WIDTH,
} from './sgdepth-step.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const BATCH = simulatedBatch();
const number = (x: tf.Tensor | undefined): number => x?.dataSync()[0] ?? Number.NaN;
const SCALED: SgdepthOptions = { ...TINY, network: { ...TINY.network, segmentationGradient: 0.1 } };
const { classWeights: _weights, ...DEPTH_ALONE }: SgdepthOptions = TINY;
/** Without masks: warped labels jump from pixel to pixel, which no gradient sees. */
const UNMASKED = { ...BATCH, isStatic: { ...BATCH.isStatic, data: Float32Array.of(1) } };
const { sourceImage: _image, sourceLabels: _labels, ...TARGET_BATCH } = UNMASKED;
/** Narrower still: eager TensorFlow.js on the cpu is slow. */
const NARROW: SgdepthOptions = {
  ...SCALED,
  scales: 2,
  network: {
    ...SCALED.network,
    encoder: [2, 2, 2, 3, 3],
    decoder: { channels: [3, 3, 2, 2, 2], activation: 'elu', padding: 'zero' },
  },
  pose: { encoder: [2, 2, 2, 3, 3], channels: 3 },
};

/**
 * Poses that move pictures by some pixels. At first they hardly do: warped pixels lie at whole numbers then, where
 * bilinear gradients jump, and rounding decides on which side (noise of 6e-8 in the images changes gradients by 2.5e-2).
 */
function moving(parameters: Parameters): Parameters {
  parameters.get('pose.conv_2.bias')?.values.set([0.1, -0.3, 0.2, 3.1, 1.7, 9.3]);
  return parameters;
}

function without<K extends string>(batch: Record<K, unknown>, ...names: K[]): SgdepthBatch {
  return Object.fromEntries(Object.entries(batch).filter(([name]) => !names.includes(name as K))) as never;
}

test.serial('compiled and eager steps agree on loss, metrics, overlaps and every gradient', async (t) => {
  const parameters = moving(startingParameters(NARROW));
  const step = await compileStep(parameters, BATCH, NARROW);
  const compiled = await step.step(valuesOf(parameters), dataOf(BATCH));
  const eager = tensorsOf(parameters);
  const trainable = [...parameters].filter(([, { spec }]) => spec.trainable).map(([name]) => name);
  const batch = batchTensors(BATCH);
  const first = lossOf(eager, batch, NARROW);
  t.true(Math.abs(number(first.loss) - compiled.loss) < 1e-4 * compiled.loss);
  t.deepEqual(Object.keys(first.metrics).sort(), Object.keys(compiled.metrics).sort());
  for (const [name, metric] of Object.entries(first.metrics)) {
    t.true(Math.abs(number(metric) - (compiled.metrics[name] ?? 0)) < 2e-3, name);
  }
  t.true(Math.abs(number(first.overlaps) - Number(compiled.updates.overlaps?.[0])) < 2e-2);
  const xs = trainable.map((name) => eager[name]);
  const { grads } = tf.engine().gradients(() => lossOf(eager, batch, NARROW).loss, xs, undefined, true);
  let [worst, named] = [0, ''];
  for (const [i, name] of trainable.entries()) {
    const gradient = grads[i];
    const stored = gradient.rank === 4 ? gradient.transpose([3, 2, 0, 1]) : gradient;
    const [a, b] = [stored.dataSync(), compiled.gradients[name] ?? new Float32Array()];
    const norm = Math.hypot(...a);
    const error = Math.hypot(...Array.from(a, (x, j) => x - (b[j] ?? 0))) / (norm + 1e-5);
    if (error > worst) [worst, named] = [error, name];
  }
  t.log(`worst gradient: ${worst} of ${named}`);
  t.true(worst < 1e-4, `${named}: ${worst}`);
  await step.close();
});

/** Distances: large against rounding, small against curvature, of which the pose encoder's few positions have most. */
for (const [title, options, parts] of [
  ['both tasks', TINY, { 'encoder.': 2e-3, 'segmentation.': 2e-3 }],
  // By itself, where the cross-entropy's rounding does not drown the photometric loss.
  ['depth alone', DEPTH_ALONE, { 'encoder.': 4e-3, 'depth.': 4e-3, 'pose_encoder.': 5e-4, 'pose.': 2e-3 }],
] as const) {
  test.serial(
    `${title}: gradients of the compiled step agree with finite differences along them`,
    async (t) => {
      const parameters = startingParameters(options); // unscaled: eq. 6 makes gradients differ from the loss on purpose
      const batch = options === TINY ? UNMASKED : TARGET_BATCH;
      const step = await compileStep(parameters, batch, options);
      const values = valuesOf(parameters);
      const { gradients: fresh } = await step.step(values, dataOf(batch));
      const gradients = Object.fromEntries(Object.entries(fresh).map(([name, g]) => [name, g.slice()]));
      for (const [part, delta] of Object.entries(parts)) {
        const names = Object.keys(gradients).filter((name) => name.startsWith(part));
        const norm = Math.hypot(...names.map((name) => Math.hypot(...(gradients[name] ?? []))));
        t.true(norm > 1e-4, `${part} has a gradient`);
        // Along the gradient the loss changes by its norm.
        const at = async (distance: number) => {
          const moved = { ...values };
          for (const name of names) {
            const direction = gradients[name] ?? new Float32Array();
            moved[name] = (values[name] ?? direction).map(
              (w, i) => w + (distance * (direction[i] ?? 0)) / norm,
            );
          }
          return (await step.step(moved, dataOf(batch))).loss;
        };
        const numeric = ((await at(delta)) - (await at(-delta))) / (2 * delta);
        t.log(`${part} ${norm} ${numeric}`);
        t.true(Math.abs(numeric - norm) < 0.04 * norm, `${part} ${norm} ${numeric}`);
      }
      await step.close();
    },
  );
}

test.serial(
  'a few Adam steps on one simulated triplet reduce the photometric loss and the cross-entropy',
  async (t) => {
    const parameters = startingParameters(SCALED);
    const step = await compileStep(parameters, BATCH, SCALED);
    const values = valuesOf(parameters);
    const adam = new Adam();
    const history: Readonly<Record<string, number>>[] = [];
    for (let i = 0; i < 40; i++) {
      const { gradients, metrics } = await step.step(values, dataOf(BATCH));
      history.push(metrics);
      adam.update(values, gradients, 3e-3);
    }
    const [first, last] = [history[0] ?? {}, history[history.length - 1] ?? {}];
    t.log(first, last);
    t.true((last.photometric ?? 1) < 0.9 * (first.photometric ?? 0));
    t.true((last.segmentation ?? 1) < 0.7 * (first.segmentation ?? 0));
    t.true((last.explained ?? 0) > (first.explained ?? 1));
    await step.close();
  },
);

test.serial("the loss is the sum of its parts, masked or not as the image's flag says", (t) => {
  const parameters = tensorsOf(startingParameters(TINY));
  const dynamic = new Int32Array(HEIGHT * WIDTH).fill(13);
  const all = { shape: [1, HEIGHT, WIDTH], dtype: 'int32' as const, data: dynamic };
  const of = (isStatic: number, change: object = {}) => {
    const flag = { shape: [1], dtype: 'float32' as const, data: Float32Array.of(isStatic) };
    return lossOf(parameters, batchTensors({ ...BATCH, isStatic: flag, ...change }), TINY);
  };
  const sum = ({ loss, metrics }: ReturnType<typeof of>, photometric: number) =>
    Math.abs(number(loss) - number(metrics.segmentation) - photometric - 1e-3 * number(metrics.smoothness)) <
    1e-5;
  const unmasked = of(1);
  t.true(sum(unmasked, number(unmasked.metrics.photometric)));
  const everything = of(0, { labels: all });
  t.is(number(everything.metrics.masked), 1);
  t.true(sum(everything, 0));
  const nothing = of(0, {
    labels: { ...all, data: new Int32Array(HEIGHT * WIDTH) },
    previousLabels: { ...all, data: new Int32Array(HEIGHT * WIDTH) },
    nextLabels: { ...all, data: new Int32Array(HEIGHT * WIDTH).fill(255) },
  });
  t.is(number(nothing.metrics.masked), 0);
  t.is(number(nothing.overlaps), 1);
  t.true(sum(nothing, number(nothing.metrics.photometric)));
});

test.serial('a camera that stands still explains nothing, and its depth has no photometric gradient', (t) => {
  const options: SgdepthOptions = { ...TINY, classWeights: undefined, smoothnessWeight: 0 };
  const parameters = tensorsOf(startingParameters(options));
  const still = { ...BATCH, previousPicture: BATCH.picture, nextPicture: BATCH.picture };
  const batch = without(
    batchTensors(still) as never,
    'sourceImage',
    'sourceLabels',
    'labels',
    'previousLabels',
    'nextLabels',
  );
  const { metrics, overlaps } = lossOf(parameters, batch, options);
  t.is(number(metrics.explained), 0);
  t.is(overlaps, undefined);
  const bias = parameters['depth.dispconv_0.bias'];
  const { grads } = tf
    .engine()
    .gradients(() => lossOf(parameters, batch, options).loss, [bias], undefined, true);
  t.is(number(grads[0]), 0);
});

test.serial('depth alone needs neither labels nor a source domain, and declares no segmentation', (t) => {
  const options: SgdepthOptions = { ...TINY, classWeights: undefined };
  const parameters = startingParameters(options);
  t.false([...parameters.keys()].some((name) => name.startsWith('segmentation.')));
  const batch = without(batchTensors(BATCH) as never, 'sourceImage', 'sourceLabels');
  const { metrics } = lossOf(tensorsOf(parameters), batch, options);
  t.false('segmentation' in metrics);
});

test.serial('heads at half resolution are upsampled to the pictures', (t) => {
  const options: SgdepthOptions = { ...TINY, network: { ...TINY.network, outputScale: 1 } };
  const parameters = startingParameters(options);
  const names = [...parameters.keys()].filter((name) => name.includes('dispconv') && name.endsWith('bias'));
  t.deepEqual(
    names,
    [1, 2, 3, 4].map((scale) => `depth.dispconv_${scale}.bias`),
  );
  const half = {
    ...batchTensors(BATCH),
    sourceLabels: tf.zeros<tf.Rank.R3>([1, HEIGHT / 2, WIDTH / 2], 'int32'),
  };
  t.true(Number.isFinite(number(lossOf(tensorsOf(parameters), half, options).loss)));
});

test.serial('what is missing or has another size is refused by name', (t) => {
  const parameters = tensorsOf(startingParameters(TINY));
  const full = batchTensors(BATCH);
  const refused = (batch: SgdepthBatch, message: RegExp) =>
    t.throws(() => lossOf(parameters, batch, TINY), { instanceOf: TrainingError, message });
  refused({ ...full, nextImage: tf.zeros([1, HEIGHT, 32, 3]) }, /^nextImage/);
  refused({ ...full, picture: tf.zeros([2, HEIGHT, WIDTH, 3]) }, /^picture/);
  refused({ ...full, intrinsics: tf.zeros([1, 3]) }, /^intrinsics/);
  refused(without(full as never, 'sourceImage'), /`sourceImage`/);
  refused(without(full as never, 'sourceLabels'), /`sourceLabels`/);
  refused(without(full as never, 'nextLabels'), /`nextLabels`/);
  refused({ ...full, sourceLabels: tf.zeros([1, 16, 32], 'int32') }, /^sourceLabels/);
  refused({ ...full, labels: tf.zeros([1, 16, 32], 'int32') }, /^labels/);
});

test("the presets are the paper's numbers and a smaller network", (t) => {
  t.is(PAPER_SGDEPTH.network.segmentationGradient, 0.1);
  t.is(COMPACT_SGDEPTH.network.segmentationGradient, 0.1);
  t.deepEqual([PAPER_SGDEPTH.minMeters, PAPER_SGDEPTH.maxMeters, PAPER_SGDEPTH.scales], [0.1, 100, 4]);
  t.is(PAPER_SGDEPTH.smoothnessWeight, 1e-3);
});
