import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { asTensors } from '../../../../training/datasets/batches/batch-schema.js';
import { emptyTripletBatch, fillTriplet } from '../../../../training/datasets/batches/triplet-batch.js';
import { sgdepth } from '../../../../training/methods/sgdepth/sgdepth.js';
import type { SgdepthRunOptions } from '../../../../training/methods/sgdepth/sgdepth-options.js';
import { Scope } from '../../../../training/networks/scope.js';
import { createOptimizer } from '../../../../training/optimizers/create-optimizer.js';
import { completeOptions } from '../../../../training/runs/complete-options.js';
import { Random } from '../../../../training/simulator/random.js';
import { declaredParameters } from '../../../../training/weights/network-parameters.js';
import { initialParameters } from '../../../../training/weights/parameters.js';
import { tensorsOf } from './sgdepth-step.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const optionsOf = (given: object) =>
  completeOptions(sgdepth, { target: 'bag:a', source: 'cityscapes:b', ...given } as object);
const PAPER = optionsOf({ preset: 'paper' });

function updateOf(options: typeof PAPER) {
  const [phase] = sgdepth.phases(options, {});
  const [update] = phase?.updates ?? [];
  if (phase === undefined || update === undefined) throw new Error('expected one phase with one update');
  return { phase, update };
}

test('the learning rate is 1e-4 for thirty of forty epochs, and 1e-5 after that', (t) => {
  const { phase, update } = updateOf(PAPER);
  t.deepEqual(phase.length, { epochs: 40 });
  // Ten steps an epoch.
  const rate = (step: number) => update.learningRate({ step, steps: 400, phaseStep: step, phaseSteps: 400 });
  const rates = Array.from({ length: 400 }, (_, step) => rate(step));
  t.true(rates.slice(0, 300).every((each) => each === 1e-4));
  t.true(rates.slice(300).every((each) => Math.abs(each - 1e-5) < 1e-12));
});

test('one Adam trains all networks', (t) => {
  const { phase, update } = updateOf(PAPER);
  t.is(phase.updates.length, 1);
  t.is(phase.frozen, undefined);
  const networks = ['depth', 'encoder', 'pose', 'pose_encoder', 'segmentation'];
  t.deepEqual([...update.trains].sort(), networks);
  const optimizer = createOptimizer(update.optimizer);
  const values = { 'encoder.w': Float32Array.of(1, 1), 'pose.w': Float32Array.of(1, 1) };
  const gradients = { 'encoder.w': Float32Array.of(1, -3), 'pose.w': Float32Array.of(0.5, 2) };
  optimizer.update(values, gradients, 0.25);
  // Adam's first step is the learning rate in the direction of each gradient's sign; nothing decays.
  for (const each of Object.values(values)) t.true(Math.abs((each[0] ?? 0) - 0.75) < 1e-5);
  t.true(Math.abs((values['encoder.w'][1] ?? 0) - 1.25) < 1e-5);
});

test('gradients of the small networks are scaled down to a norm of 10', (t) => {
  const optimizer = createOptimizer(updateOf(optionsOf({ preset: 'compact' })).update.optimizer);
  const [values, gradients] = [{ w: Float32Array.of(0, 0) }, { w: Float32Array.of(30, 40) }];
  optimizer.update(values, gradients, 1e-3);
  const moments = optimizer.save().tensors['m:w'] ?? [];
  // Of norm 50: a fifth of it counts, and a tenth of that goes into the first moment.
  t.true(Math.abs((moments[0] ?? 0) - 0.6) < 1e-5 && Math.abs((moments[1] ?? 0) - 0.8) < 1e-5);
});

test("presets of the paper take its words, and its code's where it is silent; paper-code is the code's", (t) => {
  const of = (given: object) => {
    const options = optionsOf(given) as SgdepthRunOptions;
    const { clipNorm, crossEntropy, disparityBias, firstConvolution, poseOutput, colorChange, overlap } =
      options;
    return [clipNorm, crossEntropy, disparityBias, firstConvolution, poseOutput, colorChange, overlap];
  };
  const paper = [null, 'all', 5, 'own', undefined, 'jitter', 'mean'];
  t.deepEqual(of({ preset: 'paper' }), paper);
  t.deepEqual(of({ preset: 'paper-resnet50' }), paper);
  t.deepEqual(of({ preset: 'paper-code' }), [null, 'weights', 5, 'shared', 'unscaled', 'jitter', 'joint']);
  for (const preset of ['compact', 'narrow', 'efficient']) {
    t.deepEqual(of({ preset }), [10, 'labelled', 0, 'own', undefined, 'matrix', 'mean']);
  }
});

test('without clipping gradients count as they are', (t) => {
  const optimizer = createOptimizer(updateOf(PAPER).update.optimizer);
  optimizer.update({ w: Float32Array.of(0, 0) }, { w: Float32Array.of(30, 40) }, 1e-3);
  const moments = optimizer.save().tensors['m:w'] ?? [];
  t.true(Math.abs((moments[0] ?? 0) - 3) < 1e-5 && Math.abs((moments[1] ?? 0) - 4) < 1e-5);
});

/** What a run's networks start from, by name. */
function specsOf(given: object) {
  const options = optionsOf({ preset: 'narrow', ...given });
  const specs = declaredParameters((scope, image) => sgdepth.declare(scope, image, options));
  return new Map(specs.map((spec) => [spec.name, spec]));
}

test('the disparity heads start from the bias asked for', (t) => {
  const biases = (given: object) =>
    [...specsOf(given)].flatMap(([name, { initializer }]) =>
      /dispconv_.\.bias$/.test(name) ? [initializer] : [],
    );
  t.deepEqual(biases({ disparityBias: 5 }), Array(3).fill({ kind: 'constant', value: 5 }));
  t.deepEqual(biases({}), Array(3).fill({ kind: 'constant', value: 0 }));
});

test('a shared first convolution is one parameter for both decoders, and is trained', (t) => {
  const names = (given: object) =>
    [...specsOf(given).keys()].filter((name) => name.includes('upconv_4_0.weight'));
  t.deepEqual(names({}), ['depth.upconv_4_0.weight', 'segmentation.upconv_4_0.weight']);
  t.deepEqual(names({ firstConvolution: 'shared' }), ['shared.upconv_4_0.weight']);
  t.true(updateOf(optionsOf({ firstConvolution: 'shared' })).update.trains.includes('shared'));
});

test('the motion starts as small, whatever its output is multiplied by', (t) => {
  // Uniform in +-1 / sqrt(fan in) of 32 channels, a hundredth of it for what is not multiplied.
  const bound = (poseOutput: string) => {
    const initializer = specsOf({ poseOutput }).get('pose.conv_2.weight')?.initializer;
    return initializer?.kind === 'fanInUniform' ? 1 / Math.sqrt(initializer.fanIn) : Number.NaN;
  };
  t.true(Math.abs(bound('scaled') - 1 / Math.sqrt(32)) < 1e-9);
  t.true(Math.abs(bound('unscaled') - 0.01 / Math.sqrt(32)) < 1e-9);
  t.true(Math.abs(bound('translation') - 0.01 / 0.3 / Math.sqrt(32)) < 1e-9);
});

test('classes are weighted to a mean of one, or by their own weights', (t) => {
  const counts = [300, 100, ...new Array<number>(17).fill(0)];
  const logits = [1, ...new Array<number>(18).fill(0)];
  // Two pixels of road, one of pavement, one without a class.
  const labels = [0, 0, 1, 255];
  const [road, pavement] = [1 / Math.log(1.02 + 0.75), 1 / Math.log(1.02 + 0.25)];
  const sum = Math.E + 18;
  const [lossRoad, lossPavement] = [-Math.log(Math.E / sum), Math.log(sum)];
  const weighted = 2 * road * lossRoad + pavement * lossPavement;
  const expected = {
    labelled: weighted / 3 / (0.75 * road + 0.25 * pavement),
    all: weighted / 4,
    weights: weighted / (2 * road + pavement),
  };
  for (const [crossEntropy, value] of Object.entries(expected)) {
    const got = segmentationLoss({ crossEntropy }, counts, logits, labels);
    t.true(Math.abs(got - value) < 1e-4 * value, `${crossEntropy}: ${got}, by hand ${value}`);
  }
});

/** The cross-entropy of a run whose network says the same everywhere. @param labels repeated over the picture. */
function segmentationLoss(
  given: object,
  classCounts: readonly number[],
  logits: readonly number[],
  labels: readonly number[],
): number {
  const options = optionsOf({ preset: 'narrow', ...given });
  const facts = { target: { count: 1 }, source: { count: 1, classCounts } };
  const [update] = sgdepth.phases(options, facts)[0]?.updates ?? [];
  const weights = tensorsOf(initialParameters([...specsOf(given).values()], 1));
  weights['segmentation.logits.weight'] = tf.zerosLike(weights['segmentation.logits.weight'] as tf.Tensor);
  weights['segmentation.logits.bias'] = tf.tensor1d([...logits]);
  const picture = tf.fill([1, 32, 64, 3], 0.5);
  const batch = asTensors(sgdepth.batch, {
    ...{ image: picture, previousImage: picture, nextImage: picture, sourceImage: picture },
    ...{ picture, previousPicture: picture, nextPicture: picture },
    intrinsics: tf.tensor2d([[30, 30, 32, 16]]),
    sourceLabels: tf.tensor3d(
      Array.from({ length: 16 * 32 }, (_, i) => labels[i % labels.length] ?? 0),
      [1, 16, 32],
      'int32',
    ),
  });
  const result = update?.loss(Scope.over(weights, true), batch);
  return result?.metrics?.segmentation?.dataSync()[0] ?? Number.NaN;
}

/** Brightness, contrast, saturation and hue (degrees) of so many triplets, by what became of three colours. */
function changesOf(count: number, given: object) {
  const { target } = sgdepth.data;
  if (target?.kind !== 'triplets') throw new Error('expected triplets');
  const size = { width: 2, height: 2 };
  const options = {
    ...{ ...size, batchSize: 1 },
    ...target.fill(optionsOf(given), { size, first: size, crop: [1, 1] }),
  };
  const uniform = (rgb: readonly number[]) => Uint8Array.from([0, 1, 2, 3].flatMap(() => rgb));
  const [low, high] = [102, 128];
  // Without grey and without luma (BT.601): only hue, saturation and gain touch it.
  const colour = [-0.473, 0.185, 0.288].map((x) => Math.round(100 * x));
  const triplet = {
    ...size,
    target: uniform([low, low, low]),
    previous: uniform([high, high, high]),
    next: uniform(colour.map((x) => high + x)),
    intrinsics: { fx: 1, fy: 1, cx: 0.5, cy: 0.5 },
  };
  return Array.from({ length: count }, (_, seed) => {
    const batch = emptyTripletBatch(options);
    fillTriplet(batch, 0, triplet, options, new Random(seed));
    const rgb = (planes: Float32Array) =>
      [0, 1, 2].map((c) => (planes[4 * c] ?? 0) * (options.std[c] ?? 1) + (options.mean[c] ?? 0));
    const [a = 0] = rgb(batch.image);
    const [b = 0] = rgb(batch.previousImage);
    const chroma = rgb(batch.nextImage).map((value, c) => value - (rgb(batch.previousImage)[c] ?? 0));
    const gain = ((b - a) * 255) / (high - low);
    // Contrast leaves 0.45 alone.
    const brightness = (a + gain * (0.45 - low / 255)) / 0.45;
    const before = colour.map((x) => x / 255);
    const [dot, cross] = planar(before, chroma);
    return {
      brightness,
      contrast: gain / brightness,
      saturation: Math.hypot(...chroma) / Math.hypot(...before) / gain,
      hue: (Math.atan2(cross, dot) * 180) / Math.PI,
    };
  });
}

/** Inner product of two vectors, and how far the second is turned about the grey axis. */
function planar(a: readonly number[], b: readonly number[]): [number, number] {
  const [ax = 0, ay = 0, az = 0] = a;
  const [bx = 0, by = 0, bz = 0] = b;
  const cross = (ay * bz - az * by + az * bx - ax * bz + ax * by - ay * bx) / Math.sqrt(3);
  return [ax * bx + ay * by + az * bz, cross];
}

test('brightness, contrast and saturation change by up to a fifth, hue by up to a tenth of the circle', (t) => {
  const changes = changesOf(400, { preset: 'compact' });
  const span = (of: 'brightness' | 'contrast' | 'saturation' | 'hue') => {
    const values = changes.map((change) => change[of]);
    return [Math.min(...values), Math.max(...values)] as const;
  };
  for (const of of ['brightness', 'contrast', 'saturation'] as const) {
    const [least, most] = span(of);
    t.true(least > 0.795 && least < 0.82 && most < 1.205 && most > 1.18, `${of}: ${least} to ${most}`);
  }
  const [least, most] = span('hue');
  t.true(least > -36.5 && least < -32 && most < 36.5 && most > 32, `hue: ${least} to ${most}`);
});

test("half of the paper preset's pictures keep their colours, the others change within the same ranges", (t) => {
  const changes = changesOf(400, { preset: 'paper' });
  const kept = changes.filter(({ brightness, hue }) => Math.abs(brightness - 1) < 1e-4 && Math.abs(hue) < 1);
  t.true(kept.length > 150 && kept.length < 250, String(kept.length));
  // In bytes, and contrast turns about the picture's own mean: hue alone can be told apart.
  const hues = changes.map(({ hue }) => hue);
  const [least, most] = [Math.min(...hues), Math.max(...hues)];
  t.true(least > -40 && least < -28 && most < 40 && most > 28, `hue: ${least} to ${most}`);
});
