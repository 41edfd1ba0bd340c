import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import {
  type AdaptWeightsOptions,
  adaptWeights,
} from '../../../../training/adaptation/learning/adapt-weights.js';
import { LearningState } from '../../../../training/adaptation/learning/learning-state.js';
import { NO_AUGMENTATION } from '../../../../training/datasets/batches/augmentation.js';
import { SampleStore } from '../../../../training/datasets/stores/sample-store.js';
import { networkParameters } from '../../../../training/weights/network-parameters.js';
import { initialParameters, type Parameters } from '../../../../training/weights/parameters.js';
import { plainOptions, sampleOf, temporaryFolder } from '../../datasets/samples.js';
import { TINY_NETWORK } from '../tiny-model.js';

const SIZE = { width: 64, height: 32 };
const STEPS = 6;
/** Says another class the brighter a pixel is. */
const PARENT: AdaptWeightsOptions['parent'] = {
  of: async (picture) =>
    Float32Array.from({ length: 2 * 19 * 16 * 32 }, (_, i) => 3 * picture[(7 * i) % picture.length]),
};
const WEIGHTS = { photometric: 5, smoothness: 1e-3, keep: 0.2, segmentation: 0.1 };
const test = anyTest as TestFn<{ root: string }>;

test.beforeEach((t) => {
  t.context = { root: temporaryFolder() };
});
test.afterEach.always((t) => rm(t.context.root, { recursive: true }));

/** A wall 8 m ahead, which comes nearer by a quarter metre a frame. */
function frames(root: string, name: string, count: number) {
  const folder = path.join(root, name);
  const description = { source: name, seed: 1, ...SIZE, count };
  const store = SampleStore.open(folder, description);
  for (let i = 0; i < count; i++) {
    const depth = 8 - 0.25 * i;
    const grey = (x: number, y: number) =>
      128 + 60 * Math.sin(((x - 31.5) * depth) / 9) + 50 * Math.cos(((y - 15.5) * depth) / 7);
    store.write(
      i,
      sampleOf(SIZE.width, SIZE.height, {
        rgb: (x, y) => [grey(x, y), grey(x, y), grey(x, y)],
        depth: () => depth,
      }),
    );
  }
  store.close();
  return { folder, description };
}

const ahead = (meters: number) => Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, meters, 0, 0, 0, 1);

async function learn(root: string, home: string, more: Partial<AdaptWeightsOptions> = {}) {
  const drive = frames(root, 'drive', 6);
  const state = await LearningState.open({
    ...{ root: path.join(root, home), of: 'a drive', restart: false, steps: STEPS },
    parameters: initialParameters(networkParameters(TINY_NETWORK), 3),
  });
  const firstStep = state.step;
  const range = { minMeters: 0.1, maxMeters: 100, canonicalFocalPixels: 37 };
  const learned = await adaptWeights({
    ...{ state, threads: 1, steps: STEPS, timeShare: () => 0, learningRate: 1e-3, refreshAt: [0.4] },
    method: {
      ...{ network: TINY_NETWORK, ...range, statistics: 'frozen', classWeights: Array(19).fill(1) },
      weights: { ...WEIGHTS, labels: 0.5 },
    },
    parent: PARENT,
    batches: {
      ...{ frames: drive, targets: 2, restyledShare: 0.5, seed: 4 },
      ...{ sourceAugmentation: NO_AUGMENTATION, targetAugmentation: NO_AUGMENTATION },
      triplets: [1, 2, 3, 4].map((target) => ({
        ...{ target, previous: target - 1, next: target + 1, drive: 0 },
        ...{ previousPose: ahead(0.2), nextPose: ahead(-0.3) },
      })),
      intrinsics: [sampleOf(1, 1, {}).intrinsics].map(() => ({ fx: 40, fy: 40, cx: 31.5, cy: 15.5 })),
      source: { ...frames(root, 'source', 3), first: 0 },
      batch: { ...plainOptions(SIZE.width, SIZE.height), batchSize: 2, targetStep: 2, ...range },
    },
    ...more,
  });
  return { firstStep, learned, parameters: state.parameters };
}

const valuesOf = (parameters: Parameters) =>
  Object.fromEntries([...parameters].map(([name, { values }]) => [name, [...values]]));

test('learning that ran out of time, and was stopped, ends exactly as if it had never been interrupted', async (t) => {
  t.timeout(900_000);
  const { root } = t.context;
  const whole = await learn(root, 'whole');
  t.deepEqual(whole.learned, { steps: STEPS });
  t.deepEqual(await readdir(path.join(root, 'whole')), [], 'what is complete is not kept');
  let done = 0;
  const first = await learn(root, 'nights', {
    // Four steps' time, as it is told after them: the rate falls after three, which is what is kept.
    timeShare: () => Math.min(1, done / 4),
    onStep: ({ step }) => {
      done = step;
    },
  });
  t.deepEqual(first.learned, { steps: 5, kept: 3 });
  const stop = new AbortController();
  const second = await learn(root, 'nights', { signal: stop.signal, onStep: () => stop.abort() });
  t.is(second.firstStep, 3);
  t.deepEqual(second.learned, { steps: 4, kept: 4 });
  const third = await learn(root, 'nights');
  t.is(third.firstStep, 4);
  t.deepEqual(third.learned, { steps: STEPS });
  t.deepEqual(valuesOf(third.parameters), valuesOf(whole.parameters));
});

test('with `normalisation` the factors of batch normalisation learn, and no filter does', async (t) => {
  t.timeout(900_000);
  const { root } = t.context;
  const before = valuesOf(initialParameters(networkParameters(TINY_NETWORK), 3));
  const after = valuesOf((await learn(root, 'home', { layers: 'normalisation' })).parameters);
  const changed = Object.keys(before).filter((name) =>
    before[name].some((value, i) => value !== after[name][i]),
  );
  t.true(changed.length > 4, changed.join());
  t.true(
    changed.every((name) => /bn\d*\.(weight|bias)$|downsample\.1\.(weight|bias)$/.test(name)),
    changed.join(),
  );
});
