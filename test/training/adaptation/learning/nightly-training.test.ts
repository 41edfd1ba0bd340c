import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import {
  alignLabelWeights,
  LABEL_OPTIMIZERS,
} from '../../../../training/adaptation/learning/align-label-weights.js';
import { alignWeights } from '../../../../training/adaptation/learning/align-weights.js';
import type { TrainingBounds } from '../../../../training/adaptation/learning/bounded-training.js';
import { declareLabelDiscriminator } from '../../../../training/adaptation/learning/label-alignment-loss.js';
import { LearningState } from '../../../../training/adaptation/learning/learning-state.js';
import type { Learned } from '../../../../training/adaptation/learning/nightly-training.js';
import type { BatchesOptions, RoleBatches } from '../../../../training/datasets/batches/role-batches.js';
import { SampleStore } from '../../../../training/datasets/stores/sample-store.js';
import { latentClassifier } from '../../../../training/networks/latent-classifier.js';
import { encode } from '../../../../training/networks/sgdepth-network.js';
import { declaredParameters, networkParameters } from '../../../../training/weights/network-parameters.js';
import { initialParameters } from '../../../../training/weights/parameters.js';
import { plainOptions, sampleOf, temporaryFolder } from '../../datasets/samples.js';
import { TINY_NETWORK } from '../tiny-model.js';

const SIZE = { width: 64, height: 64 };
const STEPS = 6;
const RANGE = { minMeters: 0.1, maxMeters: 100, canonicalFocalPixels: 50 };
const RATES = { labels: 1e-3, discriminator: 1e-3 };
const METHOD = { network: TINY_NETWORK, ...RANGE, classWeights: Array<number>(19).fill(1) };
const test = anyTest as TestFn<{ root: string }>;

test.beforeEach((t) => {
  t.context = { root: temporaryFolder() };
});
test.afterEach.always((t) => rm(t.context.root, { recursive: true }));

function role(root: string, name: string, names: Readonly<Record<string, string>>): RoleBatches {
  const folder = path.join(root, name);
  const description = { source: name, seed: 1, ...SIZE, count: 3 };
  const store = SampleStore.open(folder, description);
  for (let i = 0; i < description.count; i++)
    store.write(
      i,
      sampleOf(SIZE.width, SIZE.height, {
        depth: (_, y) => 4 + i + 30 / (1 + y),
        label: (x) => (x + i) % 19,
      }),
    );
  store.close();
  const options = { ...plainOptions(SIZE.width, SIZE.height), ...RANGE, batchSize: 1, targetStep: 2 };
  const data = { folder, description, count: description.count };
  return { kind: 'labelled', data, fill: [options], names };
}

const SOURCE = { image: 'image', disparity: 'disparity', weight: 'weight', labels: 'labels' };
const SIZES = { B: 1, T: 1, H: 64, W: 64, h: 32, w: 32, C: 19 };

/** Learns by both ways of learning from single pictures. @param home where what is learned is kept. */
const METHODS = {
  'da-monodepth': async (root: string, home: string, bounds: Partial<TrainingBounds>) => {
    const classifier = declaredParameters(
      (scope, image) => void latentClassifier(scope.child('domain'), encode(scope, image, TINY_NETWORK)[4]),
    ).filter(({ name }) => name.startsWith('domain.'));
    const state = await LearningState.open({
      ...{ root: path.join(root, home), of: 'a drive', restart: false, steps: STEPS },
      parameters: initialParameters([...networkParameters(TINY_NETWORK), ...classifier], 3),
    });
    const batches: BatchesOptions = {
      roles: [role(root, 'source', SOURCE), role(root, 'drive', { image: 'targetImage' })],
      seed: 4,
    };
    const learned = await alignWeights({
      ...{ state, batches, sizes: SIZES, learningRate: 1e-3, threads: 1, steps: STEPS, timeShare: () => 0 },
      method: { ...METHOD, weights: { segmentation: 0.1, adversarial: 0.1 } },
      ...bounds,
    });
    return { state, learned };
  },
  dada: async (root: string, home: string, bounds: Partial<TrainingBounds>) => {
    const discriminator = declaredParameters((scope) => declareLabelDiscriminator(scope, TINY_NETWORK));
    const state = await LearningState.open({
      ...{ root: path.join(root, home), of: 'a drive', restart: false, steps: STEPS },
      optimizers: LABEL_OPTIMIZERS,
      parameters: initialParameters([...networkParameters(TINY_NETWORK), ...discriminator], 3),
    });
    const learned = await alignLabelWeights({
      ...{ state, sizes: SIZES, rates: RATES, threads: 1, steps: STEPS, timeShare: () => 0 },
      // A parent who says of each picture what its pixels decide.
      parent: { of: async (image) => Float32Array.from({ length: 19 * 32 * 32 }, (_, i) => image[i % 997]) },
      batches: {
        roles: [role(root, 'source', SOURCE), role(root, 'drive', { image: 'targetImage' })],
        seed: 4,
      },
      method: { ...METHOD, weights: { segmentation: 1, views: 1, adversarial: 0.1 } },
      ...bounds,
    });
    return { state, learned };
  },
} satisfies Record<
  string,
  (
    root: string,
    home: string,
    bounds: Partial<TrainingBounds>,
  ) => Promise<{ state: LearningState; learned: Learned }>
>;

const valuesOf = ({ parameters }: LearningState) =>
  Object.fromEntries([...parameters].map(([name, { values }]) => [name, [...values]]));

for (const [name, learn] of Object.entries(METHODS)) {
  test(`${name}: the clock changes nothing of what planned steps learn`, async (t) => {
    t.timeout(900_000);
    const { root } = t.context;
    const idle = await learn(root, 'idle', {});
    let done = 0;
    const seen: number[] = [];
    const busy = await learn(root, 'busy', {
      ...{ snapshotAt: [0.5], snapshotsBySteps: true, onSnapshot: (steps) => void seen.push(steps) },
      timeShare: () => Math.min(1, 0.4 + (0.55 * done) / STEPS),
      onStep: ({ step }) => {
        done = step;
      },
    });
    t.deepEqual(seen, [3], 'where steps were asked for, they alone say when weights are looked at');
    t.deepEqual(idle.learned, { steps: STEPS });
    t.deepEqual(busy.learned, { steps: STEPS });
    t.deepEqual(valuesOf(busy.state), valuesOf(idle.state));
    t.deepEqual(await readdir(path.join(root, 'busy')), [], 'what is complete is not kept');
  });

  test(`${name}: learning that ran out of time, and was stopped, ends as if never interrupted`, async (t) => {
    t.timeout(900_000);
    const { root } = t.context;
    const whole = await learn(root, 'whole', {});
    let done = 0;
    const seen: number[] = [];
    const first = await learn(root, 'nights', {
      ...{ snapshotAt: [0.7], onSnapshot: (steps) => void seen.push(steps) },
      // Four steps' time, as it is told after them: the rate falls after three, which is what is kept.
      timeShare: () => Math.min(1, done / 4),
      onStep: ({ step }) => {
        done = step;
      },
    });
    t.deepEqual(first.learned, { steps: 5, kept: 3 });
    t.deepEqual(seen, [4], 'where nobody asked for steps, a time that is nearly up counts, too');
    const stop = new AbortController();
    const second = await learn(root, 'nights', { signal: stop.signal, onStep: () => stop.abort() });
    t.deepEqual(second.learned, { steps: 4, kept: 4 });
    const third = await learn(root, 'nights', {});
    t.deepEqual(third.learned, { steps: STEPS });
    t.deepEqual(valuesOf(third.state), valuesOf(whole.state));
  });
}

test('dada: depth and the features that it shares with labels stay to the bit', async (t) => {
  t.timeout(900_000);
  const start = initialParameters(networkParameters(TINY_NETWORK), 3);
  const { state } = await METHODS.dada(t.context.root, 'home', {});
  const moved = [...start].flatMap(([name, { values }]) =>
    values.some((value, i) => value !== state.parameters.get(name)?.values[i]) ? [name] : [],
  );
  t.deepEqual([...new Set(moved.map((name) => name.split('.')[0]))], ['segmentation']);
});
