import { rm } from 'node:fs/promises';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import {
  type AdaptationBatchesOptions,
  AdaptationBatchMaker,
  mirroredPose,
} from '../../../../training/adaptation/learning/adaptation-batches.js';
import { NO_AUGMENTATION } from '../../../../training/datasets/batches/augmentation.js';
import type { Sample } from '../../../../training/datasets/stores/sample.js';
import { SampleStore } from '../../../../training/datasets/stores/sample-store.js';
import { plainOptions, sampleOf, temporaryFolder } from '../../datasets/samples.js';

const size = { width: 16, height: 8 };
const test = anyTest as TestFn<{ root: string }>;

test.beforeEach((t) => {
  t.context = { root: temporaryFolder() };
});
test.afterEach.always((t) => rm(t.context.root, { recursive: true }));

function store(root: string, name: string, samples: readonly Sample[]) {
  const folder = path.join(root, name);
  const description = { source: name, seed: 1, ...size, count: samples.length };
  const opened = SampleStore.open(folder, description);
  for (const [index, sample] of samples.entries()) opened.write(index, sample);
  opened.close();
  return { folder, description };
}

const grey = (value: number) =>
  sampleOf(size.width, size.height, { rgb: (x) => [value + x, value + x, value + x], depth: () => 20 });
/** The camera drives ahead. */
const still = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
const pose = still.map((value, i) => (i === 11 ? -1 : value));

/** Dark samples of the source, a bright drive. */
function options(root: string, rest: Partial<AdaptationBatchesOptions>): AdaptationBatchesOptions {
  return {
    frames: store(root, 'frames', [grey(200), grey(201), grey(202)]),
    triplets: [{ target: 1, previous: 0, next: 2, drive: 0, previousPose: pose, nextPose: pose }],
    intrinsics: [grey(0).intrinsics],
    targets: 1,
    source: { ...store(root, 'source', [grey(20)]), first: 0 },
    restyledShare: 0,
    batch: { ...plainOptions(size.width, size.height), augmentation: { ...NO_AUGMENTATION, color: 0.5 } },
    sourceAugmentation: NO_AUGMENTATION,
    seed: 3,
    ...rest,
  };
}

function sourceImages(given: AdaptationBatchesOptions, steps: number): Float32Array[] {
  const maker = new AdaptationBatchMaker(given);
  const images = Array.from({ length: steps }, (_, step) => maker.make(step).sourceImage);
  maker.close();
  return images;
}

test('samples of the source change their colours as the source asks, restyled ones have the grey values of the drive', (t) => {
  const { root } = t.context;
  for (const image of sourceImages(options(root, {}), 4)) {
    t.true(image.slice(0, 16).every((value, x) => Math.abs(value - (20 + x) / 255) < 1e-6));
  }
  const batch = plainOptions(size.width, size.height);
  for (const image of sourceImages(options(root, { batch, restyledShare: 1 }), 4)) {
    t.true(Math.min(...image) > 190 / 255);
  }
});

test('what is shown in the look of the drive is changed as its pictures are', (t) => {
  const images = sourceImages(options(t.context.root, { restyledShare: 1 }), 12);
  const means = images.map((image) => image.reduce((sum, value) => sum + value, 0) / image.length);
  t.true(Math.max(...means) - Math.min(...means) > 0.1, means.join(' '));
});

test('lessons are the last of the labelled pictures of each step, and each is seen before any is seen again', (t) => {
  const { root } = t.context;
  const unknown = (value: number): Sample => {
    const sample = grey(value);
    // Nothing is confirmed but the first pixel.
    return { ...sample, depthMeters: sample.depthMeters.map((z, i) => (i === 0 ? z : Number.NaN)) };
  };
  const held = store(root, 'lessons', [unknown(100), unknown(120), unknown(140), unknown(160)]);
  const batch = { ...plainOptions(size.width, size.height), batchSize: 3 };
  const maker = new AdaptationBatchMaker(options(root, { batch, lessons: { ...held, count: 3, each: 2 } }));
  const seen: number[] = [];
  for (let step = 0; step < 3; step++) {
    const { sourceImage, sourceWeight } = maker.make(step);
    const first = (values: Float32Array, i: number) => values[(i * values.length) / 3];
    t.is(Math.round(255 * first(sourceImage, 0)), 20, 'the source comes first');
    seen.push(...[1, 2].map((i) => Math.round(255 * first(sourceImage, i))));
    const weights = [1, 2].map((i) => sourceWeight.slice((i * sourceWeight.length) / 3).slice(0, 8));
    t.true(weights.every((each) => each.filter((weight) => weight > 0).length <= 1));
  }
  maker.close();
  t.deepEqual(seen.slice(0, 3).sort(), [100, 120, 140], 'the store has room for more than there are');
  t.deepEqual(seen.slice(3).sort(), [100, 120, 140]);
});

test('a motion seen in a mirror moves a mirrored point to the mirrored place', (t) => {
  const [c, s] = [Math.cos(0.1), Math.sin(0.1)];
  // Turned about y, then shifted.
  const turn = Float64Array.of(c, 0, s, 0.5, 0, 1, 0, -0.2, -s, 0, c, 1, 0, 0, 0, 1);
  const moved = (m: ArrayLike<number>, [x, y, z]: readonly [number, number, number]) =>
    [0, 4, 8].map((row) => m[row] * x + m[row + 1] * y + m[row + 2] * z + m[row + 3]);
  const [x, y, z] = moved(turn, [3, 2, 10]);
  const mirrored = moved(mirroredPose(turn), [-3, 2, 10]);
  t.true(mirrored.every((value, i) => Math.abs(value - ([-x, y, z][i] ?? 0)) < 1e-12));
});

test('a road whose camera is known to be so high is held where it lies, as far as it is flat', (t) => {
  const { root } = t.context;
  // The parent has the road at 10 m, wherever it is.
  const wide = (value: number) =>
    sampleOf(size.width, size.height, { rgb: () => [value, value, value], depth: () => 10, focal: 10 });
  const frames = store(root, 'wide', [wide(200), wide(201), wide(202)]);
  const given = (road?: { readonly a: number; readonly b: number; readonly c: number }) =>
    options(root, {
      frames,
      intrinsics: [wide(0).intrinsics],
      triplets: [
        {
          ...{ target: 1, previous: 0, next: 2, drive: 0, previousPose: still, nextPose: still },
          ...{ depthFactor: 1.1, ...(road && { road }) },
        },
      ],
    });
  const made = (road?: Parameters<typeof given>[0]) => {
    const maker = new AdaptationBatchMaker(given(road));
    const { parentDisparity, keep } = maker.make(0);
    maker.close();
    const rows = (values: Float32Array) => [0, 4, 5, 6, 7].map((y) => values[y * size.width + 3]);
    return { disparity: rows(parentDisparity), keep: rows(keep) };
  };
  const near = (found: readonly number[], expected: readonly number[]) =>
    found.every((value, i) => Math.abs(value - expected[i]) < 1e-5);
  // By hand: focal 10 of 50, the parent's depth times 1.1.
  const held = 10 / 50 / (1.1 * 10);
  const parent = made();
  t.true(near(parent.disparity, Array(5).fill(held)), parent.disparity.join());
  t.true(near(parent.keep, Array(5).fill(0.5)));
  const known = made({ a: 1.5, b: 0, c: 0.02 });
  // z = 1.5 / ((y - 3.5) / 10 - 0.02): beyond 9 m it may bend.
  t.true(
    near(known.disparity, [held, held, held, 0.2 * (0.23 / 1.5), 0.2 * (0.33 / 1.5)]),
    known.disparity.join(),
  );
  t.true(near(known.keep, [0, 0, 0, 0.5, 0.5]), known.keep.join());
});
