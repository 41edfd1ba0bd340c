import test from 'ava';
import { emptyTripletBatch, fillTriplet } from '../../../../training/datasets/batches/triplet-batch.js';
import { sgdepth } from '../../../../training/methods/sgdepth/sgdepth.js';
import { createOptimizer } from '../../../../training/optimizers/create-optimizer.js';
import { completeOptions } from '../../../../training/runs/complete-options.js';
import { Random } from '../../../../training/simulator/random.js';

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
  t.deepEqual([...update.trains].sort(), ['depth', 'encoder', 'pose', 'pose_encoder', 'segmentation']);
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
