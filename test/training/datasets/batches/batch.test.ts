import test from 'ava';
import { STRONG_AUGMENTATION } from '../../../../training/datasets/batches/augmentation.js';
import {
  type Batch,
  type BatchOptions,
  emptyBatch,
  fillBatch,
} from '../../../../training/datasets/batches/batch.js';
import type { Sample } from '../../../../training/datasets/stores/sample.js';
import { Random } from '../../../../training/simulator/random.js';
import { plainOptions, sampleOf } from '../samples.js';

function batchOf(sample: Sample, options: BatchOptions, seed = 1): Batch {
  const batch = emptyBatch(options);
  fillBatch(batch, 0, sample, options, new Random(seed));
  return batch;
}

const near = (a: number, b: number, tolerance = 1e-5): boolean => Math.abs(a - b) <= tolerance;

test('the identity change leaves image, depth and labels as they are, as planes', (t) => {
  const sample = sampleOf(6, 4, { depth: (x, y) => 2 + x + 10 * y, label: (x, y) => (x + y) % 19 });
  const { image, disparity, weight, labels } = batchOf(sample, plainOptions(6, 4));
  for (let i = 0; i < 24; i++) {
    for (const channel of [0, 1, 2]) t.true(near(image[channel * 24 + i], sample.rgb[i * 3 + channel] / 255));
    t.true(near(1 / disparity[i], sample.depthMeters[i]));
    t.is(weight[i], 1);
    t.is(labels[i], sample.labels[i]);
  }
});

test('the image is normalised, and written to its place in the batch', (t) => {
  const sample = sampleOf(2, 2, { rgb: () => [51, 102, 255] });
  const options: BatchOptions = {
    ...plainOptions(2, 2),
    batchSize: 3,
    mean: [0.1, 0.2, 0.5],
    std: [0.5, 0.25, 2],
  };
  const batch = emptyBatch(options);
  fillBatch(batch, 1, sample, options, new Random(1));
  const expected = [0.2, 0.8, 0.25];
  for (const channel of [0, 1, 2]) {
    for (let i = 0; i < 4; i++) t.true(near(batch.image[12 + channel * 4 + i], expected[channel] ?? 0));
  }
  t.true(batch.image.subarray(0, 12).every((x) => x === 0) && batch.image.subarray(24).every((x) => x === 0));
  t.deepEqual(
    [...batch.disparity].map((x) => Math.round(x * 1000)),
    [0, 0, 0, 0, 100, 100, 100, 100, 0, 0, 0, 0],
  );
});

test('a wall seen by another camera or through a crop has the depth times canonical / focal', (t) => {
  const wall = (focal: number) => sampleOf(8, 4, { depth: () => 12, focal });
  const depth = (sample: Sample, options: BatchOptions) => 1 / batchOf(sample, options).disparity[0];
  const options = plainOptions(8, 4); // canonical focal length: 50 pixels
  t.true(near(depth(wall(50), options), 12, 1e-4));
  t.true(near(depth(wall(100), options), 6, 1e-4), 'a longer lens makes it look nearer');
  // Half of the sample's width on as many pixels: the focal length doubles.
  const cropped: BatchOptions = { ...options, augmentation: { ...options.augmentation, crop: [0.5, 0.5] } };
  t.true(near(depth(wall(50), cropped), 6, 1e-4));
  // The whole sample on half the pixels: the focal length halves, and so may the canonical one.
  const small = { ...options, width: 4, height: 2 };
  t.true(near(depth(wall(50), small), 24, 1e-4));
  t.true(near(depth(wall(50), { ...small, canonicalFocalPixels: 25 }), 12, 1e-4));
});

test('sky, what is too far, too near or unknown', (t) => {
  const depths = [Number.POSITIVE_INFINITY, 150, 0.01, Number.NaN, 0, 99];
  const sample = sampleOf(6, 1, { depth: (x) => depths[x] ?? 0, label: (x) => (x === 0 ? 10 : 2) });
  const { disparity, weight } = batchOf(sample, plainOptions(6, 1));
  const expected = [
    [0.01, 0.3],
    [0.01, 0.3],
    [10, 1],
    [0.01, 0],
    [0.01, 0],
    [1 / 99, 1],
  ];
  for (const [i, [inverse = 0, share = 0]] of expected.entries()) {
    t.true(near(disparity[i], inverse), `disparity ${i}: ${disparity[i]}`);
    t.true(near(weight[i], share), `weight ${i}: ${weight[i]}`);
  }
});

test('a flip mirrors the image and all targets alike', (t) => {
  const sample = sampleOf(8, 4, {
    rgb: (x) => [x * 10, 0, 0],
    depth: (x) => 2 + x,
    label: (x) => x,
  });
  const options = plainOptions(8, 4);
  const flipping = { ...options, augmentation: { ...options.augmentation, flip: true } };
  const seen = new Set<boolean>();
  for (let seed = 0; seed < 12; seed++) {
    const { image, disparity, labels } = batchOf(sample, flipping, seed);
    const flipped = labels[0] === 7;
    seen.add(flipped);
    for (let x = 0; x < 8; x++) {
      const source = flipped ? 7 - x : x;
      t.true(near(image[x], (source * 10) / 255));
      t.true(near(1 / disparity[x], 2 + source));
      t.is(labels[x], source);
    }
  }
  t.is(seen.size, 2);
});

test('under any augmentation the image and its targets show the same place', (t) => {
  // Red, depth and label all tell the column; the label also tells the row.
  const sample = sampleOf(64, 32, {
    rgb: (x, y) => [x * 3, y * 7, 0],
    depth: (x) => 5 + x,
    label: (x) => Math.floor(x / 4),
  });
  const augmentation = { ...STRONG_AUGMENTATION, color: 0, hue: 0, gamma: 1, noise: 0, gray: 0 };
  const options: BatchOptions = { ...plainOptions(32, 16), targetStep: 2, maxMeters: 1000, augmentation };
  for (let seed = 0; seed < 20; seed++) {
    const { image, disparity, labels } = batchOf(sample, options, seed);
    const [first, second] = [image[10] * 85, image[11] * 85];
    const step = Math.abs(second - first);
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 16; x++) {
        // A target lies between four pixels of the image; 85 = 255 / 3 turns red into the column.
        const red = [0, 1].map((dx) => image[2 * y * 32 + 2 * x + dx]);
        const column = ((red[0] + red[1]) / 2) * 85;
        const depth = 1 / disparity[y * 16 + x] / step; // canonical = focal: only the step scales it
        t.true(
          Math.abs(depth - 5 - column) <= 0.51,
          `seed ${seed}, target ${x}, ${y}: ${depth - 5} ${column}`,
        );
        const label = labels[y * 16 + x];
        t.true(column > label * 4 - 0.51 && column < label * 4 + 3.51);
      }
    }
  }
});

test('enlarging interpolates the image between pixel centres', (t) => {
  const sample = sampleOf(2, 2, { rgb: (x) => [x * 200, 0, 0] });
  const { image } = batchOf(sample, plainOptions(4, 4));
  for (const [x, expected] of [0, 50, 150, 200].entries()) t.true(near(image[x], expected / 255));
});

test('noise has the standard deviation that it is said to have', (t) => {
  const sample = sampleOf(64, 64, { rgb: () => [128, 128, 128] });
  const options = plainOptions(64, 64);
  const noisy = { ...options, augmentation: { ...options.augmentation, noise: 0.1 } };
  const deviations = Array.from({ length: 40 }, (_, seed) => {
    const { image } = batchOf(sample, noisy, seed);
    const mean = image.reduce((a, b) => a + b, 0) / image.length;
    t.true(near(mean, 128 / 255, 0.005));
    return Math.sqrt(image.reduce((sum, x) => sum + (x - mean) ** 2, 0) / image.length);
  });
  t.true(Math.max(...deviations) <= 0.103 && Math.max(...deviations) > 0.05);
});

test('the same seed gives the same batch', (t) => {
  const sample = sampleOf(20, 12);
  const options = { ...plainOptions(8, 4), augmentation: STRONG_AUGMENTATION };
  t.deepEqual(batchOf(sample, options, 5), batchOf(sample, options, 5));
  t.notDeepEqual(batchOf(sample, options, 5), batchOf(sample, options, 6));
});
