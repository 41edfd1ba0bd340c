import { rm } from 'node:fs/promises';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import {
  type AdaptationBatchesOptions,
  AdaptationBatchMaker,
  mirroredPose,
} from '../../../../training/adaptation/learning/adaptation-batches.js';
import {
  type AugmentationOptions,
  NO_AUGMENTATION,
} from '../../../../training/datasets/batches/augmentation.js';
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
    targetAugmentation: NO_AUGMENTATION,
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

test('what the network sees of the drive is changed, and the pictures that losses compare are not', (t) => {
  const { root } = t.context;
  const made = (targetAugmentation: AugmentationOptions) => {
    const maker = new AdaptationBatchMaker(options(root, { targetAugmentation }));
    const batches = Array.from({ length: 8 }, (_, step) => {
      const { image, picture, previousPicture } = maker.make(step);
      return { image, picture, previousPicture };
    });
    maker.close();
    return batches;
  };
  const plain = made(NO_AUGMENTATION);
  const scenes = made({ ...NO_AUGMENTATION, scene: true });
  for (const { image, picture } of plain) t.deepEqual(image, picture);
  const changed = scenes.filter(({ image, picture }) => image.some((value, i) => value !== picture[i]));
  t.true(changed.length >= 4, `${changed.length} of 8 have another light`);
  const ramp = (picture: Float32Array) =>
    [...picture.slice(0, size.width)].map((value) => Math.round(255 * value)).sort();
  for (const { picture, previousPicture } of scenes) {
    t.deepEqual(
      ramp(picture),
      Array.from({ length: size.width }, (_, x) => 201 + x),
    );
    t.deepEqual(
      ramp(previousPicture),
      Array.from({ length: size.width }, (_, x) => 200 + x),
    );
  }
});

test('the three pictures of a triplet are zoomed together, and the losses know the focal length', (t) => {
  const { root } = t.context;
  const ramp = (value: number) =>
    sampleOf(size.width, size.height, { rgb: (x) => [value + 8 * x, 0, 0], depth: () => 20 });
  const frames = store(root, 'ramps', [ramp(0), ramp(10), ramp(20)]);
  const made = (crop: AugmentationOptions['crop']) => {
    const maker = new AdaptationBatchMaker(
      options(root, { frames, targetAugmentation: { ...NO_AUGMENTATION, crop } }),
    );
    const seen = Array.from({ length: 8 }, (_, step) => {
      const batch = maker.make(step);
      const isMirrored = batch.mirrored[0] === 1;
      const row = (picture: Float32Array) => {
        const red = [...picture.slice(0, size.width)].map((value) => 255 * value);
        return isMirrored ? red.reverse() : red;
      };
      const [fx, , cx] = batch.intrinsics;
      return {
        ...{ fx, cx: isMirrored ? size.width - 1 - cx : cx },
        image: row(batch.image),
        rows: [batch.previousPicture, batch.picture, batch.nextPicture].map(row),
      };
    });
    maker.close();
    return seen;
  };
  for (const { fx, rows } of made([1, 1])) {
    t.is(fx, 50);
    t.is(Math.round(rows[1][15] - rows[1][0]), 8 * 15);
  }
  const zoomed = made([0.5, 0.8]);
  for (const { fx, cx, rows, image } of zoomed) {
    t.deepEqual(image, rows[1], 'the network sees what the losses compare');
    const [previous, picture, next] = rows;
    t.true(picture.every((red, x) => Math.abs(red - previous[x] - 10) <= 1.01));
    t.true(picture.every((red, x) => Math.abs(next[x] - red - 10) <= 1.01));
    // The ramp says where in the frame a pixel lies, away from the edges.
    const place = (x: number) => (picture[x] - 10) / 8;
    const step = (place(12) - place(3)) / 9;
    t.true(step > 0.48 && step < 0.82, `${step}`);
    t.true(Math.abs(50 / fx - step) < 0.02, `${fx}, ${step}`);
    t.true(Math.abs(place(3) + (cx - 3) * step - 7.5) < 0.25, `${cx}`);
  }
  t.true(new Set(zoomed.map(({ fx }) => fx)).size > 4, 'windows differ');
});

test('depth is kept where the picture is even, less than where something may move', (t) => {
  const { root } = t.context;
  const CAR = 13;
  const half = (value: number): Sample => ({
    // A bright line in the middle; a car at the right edge.
    ...sampleOf(size.width, size.height, {
      rgb: (x) => (x === 7 ? [value, value, value] : [20, 20, 20]),
      depth: () => 20,
    }),
    labels: Uint8Array.from({ length: size.width * size.height }, (_, i) => (i % size.width > 12 ? CAR : 0)),
  });
  const frames = store(root, 'halves', [half(200), half(200), half(200)]);
  const triplet = { target: 1, previous: 0, next: 2, drive: 0, previousPose: still, nextPose: still };
  const maker = new AdaptationBatchMaker(options(root, { frames, triplets: [triplet] }));
  const { keep, mirrored } = maker.make(0);
  maker.close();
  const row = [...keep.slice(0, size.width)];
  const expected = [...Array(5).fill(0.5), ...Array(4).fill(0), ...Array(4).fill(0.5), 1, 1, 1];
  t.deepEqual(mirrored[0] === 1 ? row.reverse() : row, expected);
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
    sampleOf(size.width, size.height, {
      rgb: (x, y) => Array<number>(3).fill(value - 20 * ((x + y) % 2)) as [number, number, number],
      ...{ depth: () => 10, focal: 10 },
    });
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
