import test from 'ava';
import {
  emptyTripletBatch,
  fillTriplet,
  SGDEPTH_AUGMENTATION,
  type TripletBatchOptions,
} from '../../../../training/datasets/batches/triplet-batch.js';
import type { Triplet } from '../../../../training/datasets/stores/triplet.js';
import { Random } from '../../../../training/simulator/random.js';

const [WIDTH, HEIGHT] = [6, 4];
const frame = (seed: number) =>
  Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => (i * 37 + seed) % 256);
const TRIPLET: Triplet = {
  width: WIDTH,
  height: HEIGHT,
  target: frame(1),
  previous: frame(101),
  next: frame(201),
  intrinsics: { fx: 5, fy: 6, cx: 1.5, cy: 2 },
};
const OPTIONS: TripletBatchOptions = {
  batchSize: 1,
  width: WIDTH,
  height: HEIGHT,
  mean: [0.5, 0.25, 0],
  std: [0.5, 1, 2],
  augmentation: { ...SGDEPTH_AUGMENTATION, flip: false, color: 0, hue: 0 },
};

function filled(options: TripletBatchOptions, seed: number, triplet = TRIPLET) {
  const batch = emptyTripletBatch(options);
  fillTriplet(batch, 0, triplet, options, new Random(seed));
  return batch;
}

/** Planes of a picture as they are, values 0..1. */
function planes(rgb: Uint8Array, flipped = false): number[] {
  return [0, 1, 2].flatMap((channel) =>
    Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
      const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
      return (rgb[(y * WIDTH + (flipped ? WIDTH - 1 - x : x)) * 3 + channel] ?? 0) / 255;
    }),
  );
}

const near = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 1e-5) =>
  Array.from(a).every((value, i) => Math.abs(value - (b[i] ?? Number.NaN)) <= tolerance);

test('without augmentation networks see the normalised pictures that losses compare', (t) => {
  const batch = filled(OPTIONS, 1);
  for (const [picture, image, rgb] of [
    [batch.picture, batch.image, TRIPLET.target],
    [batch.previousPicture, batch.previousImage, TRIPLET.previous],
    [batch.nextPicture, batch.nextImage, TRIPLET.next],
  ] as const) {
    t.true(near(picture, planes(rgb)));
    const normalised = planes(rgb).map((value, i) => {
      const channel = Math.floor(i / (WIDTH * HEIGHT));
      return (value - (OPTIONS.mean[channel] ?? 0)) / (OPTIONS.std[channel] ?? 1);
    });
    t.true(near(image, normalised));
  }
  t.deepEqual([...batch.intrinsics], [5, 6, 1.5, 2]);
});

test('a flip mirrors all three frames and the principal point', (t) => {
  const options = { ...OPTIONS, augmentation: { ...OPTIONS.augmentation, flip: true } };
  const batches = Array.from({ length: 20 }, (_, seed) => filled(options, seed));
  const flipped = batches.filter((batch) => batch.intrinsics[2] !== 1.5);
  t.true(flipped.length > 3 && flipped.length < 17);
  for (const batch of flipped) {
    t.deepEqual([...batch.intrinsics], [5, 6, WIDTH - 1 - 1.5, 2]);
    t.true(near(batch.picture, planes(TRIPLET.target, true)));
    t.true(near(batch.previousPicture, planes(TRIPLET.previous, true)));
    t.true(near(batch.nextPicture, planes(TRIPLET.next, true)));
  }
});

test('colours change for the network alone, in the same way in all three frames', (t) => {
  const options = { ...OPTIONS, augmentation: { ...SGDEPTH_AUGMENTATION, flip: false } };
  const still = { ...TRIPLET, previous: TRIPLET.target, next: TRIPLET.target };
  const batch = filled(options, 5, still);
  t.true(near(batch.picture, planes(TRIPLET.target)));
  t.false(near(batch.image, filled(OPTIONS, 5, still).image, 0.02));
  t.deepEqual(batch.previousImage, batch.image);
  t.deepEqual(batch.nextImage, batch.image);
});
