import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import {
  overSuperpixels,
  type SuperpixelOptions,
  type Superpixels,
  superpixels,
  toPixels,
  touching,
} from '../../../training/ops/superpixels.js';
import { runCompiled } from '../tracer/parity.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const OPTIONS: SuperpixelOptions = { cell: 4, compactness: 10, iterations: 4 };
const [H, W] = [12, 16];

type Color = readonly [number, number, number];

function imageOf(at: (x: number, y: number) => Color): Float32Array {
  return Float32Array.from(Array.from({ length: H * W }, (_, i) => at(i % W, Math.floor(i / W))).flat());
}
const tensorOf = (data: Float32Array) => tf.tensor4d(data, [1, H, W, 3]);

/** The number of every pixel's superpixel. */
function labelsOf(found: Superpixels): number[] {
  const numbers = tf
    .range(0, found.rows * found.columns)
    .reshape<tf.Tensor4D>([1, found.rows, found.columns, 1]);
  return [...toPixels(numbers, found).dataSync()];
}

const gridLabels = Array.from(
  { length: H * W },
  (_, i) => 4 * Math.floor(i / W / 4) + Math.floor((i % W) / 4),
);

test('without edges superpixels are the cells that they started from', (t) => {
  const found = superpixels(tensorOf(imageOf(() => [0.4, 0.5, 0.6])), OPTIONS);
  t.deepEqual([found.rows, found.columns], [3, 4]);
  t.deepEqual(labelsOf(found), gridLabels);
  t.deepEqual(
    [...found.centres.dataSync()].slice(0, 4).map((x) => Math.round(x * 100) / 100),
    [1.5, 1.5, 5.5, 1.5],
  );
});

test('an edge across the cells is followed: no superpixel has pixels of both sides', (t) => {
  const isLeft = (x: number, y: number) => x + 0.3 * y < 9.5;
  const found = superpixels(
    tensorOf(imageOf((x, y) => (isLeft(x, y) ? [0.9, 0.1, 0.1] : [0.1, 0.2, 0.9]))),
    OPTIONS,
  );
  const sides = new Map<number, Set<boolean>>();
  for (const [i, label] of labelsOf(found).entries())
    sides.set(label, (sides.get(label) ?? new Set()).add(isLeft(i % W, Math.floor(i / W))));
  t.true([...sides.values()].every((side) => side.size === 1));
  t.true(sides.size >= 10, 'hardly any has lost all its pixels');
});

const noisy = imageOf((x, y) => [
  0.5 + 0.4 * Math.sin(0.9 * x + 0.2 * y),
  0.5 + 0.4 * Math.cos(0.5 * y - 0.3 * x),
  0.5 + 0.3 * Math.sin(0.05 * x * y),
]);

/** CIELAB of sRGB, by the definitions. */
function lab([r, g, b]: Color): Color {
  const [lr, lg, lb] = [r, g, b].map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const f = (v: number) => (v > 216 / 24389 ? Math.cbrt(v) : ((24389 / 27) * v + 16) / 116);
  const x = f((0.4124564 * lr + 0.3575761 * lg + 0.1804375 * lb) / 0.95047);
  const y = f(0.2126729 * lr + 0.7151522 * lg + 0.072175 * lb);
  const z = f((0.0193339 * lr + 0.119192 * lg + 0.9503041 * lb) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** SLIC pixel by pixel, in double precision. */
function slic(data: Float32Array, { cell, compactness, iterations }: SuperpixelOptions): number[] {
  const weight = compactness / cell;
  const columns = W / cell;
  const features = Array.from({ length: H * W }, (_, i) => [
    ...lab([data[3 * i] ?? 0, data[3 * i + 1] ?? 0, data[3 * i + 2] ?? 0]),
    weight * (i % W),
    weight * Math.floor(i / W),
  ]);
  let labels = [...gridLabels];
  const meansOf = (before: readonly number[][]) =>
    Array.from({ length: (H / cell) * columns }, (_, label) => {
      const own = features.filter((_, i) => labels[i] === label);
      if (own.length === 0) return before[label] ?? [];
      return [0, 1, 2, 3, 4].map((k) => own.reduce((sum, f) => sum + (f[k] ?? 0), 0) / own.length);
    });
  let centres = meansOf([]);
  for (let step = 0; step < iterations; step++) {
    labels = features.map((feature, i) => {
      const [row, column] = [Math.floor(Math.floor(i / W) / cell), Math.floor((i % W) / cell)];
      let [best, least] = [-1, Number.POSITIVE_INFINITY];
      for (const [label, centre] of centres.entries()) {
        if (Math.abs(Math.floor(label / columns) - row) > 1 || Math.abs((label % columns) - column) > 1)
          continue;
        const distance = feature.reduce((sum, value, k) => sum + (value - (centre[k] ?? 0)) ** 2, 0);
        if (distance < least) [best, least] = [label, distance];
      }
      return best;
    });
    centres = meansOf(centres);
  }
  return labels;
}

test('labels are those of the algorithm written pixel by pixel', (t) => {
  for (const options of [OPTIONS, { ...OPTIONS, compactness: 30, iterations: 2 }]) {
    const labels = labelsOf(superpixels(tensorOf(noisy), options));
    const expected = slic(noisy, options);
    const same = labels.filter((label, i) => label === expected[i]).length;
    // A pixel on the very edge of two may fall to either by rounding.
    t.true(same >= H * W - 1, `${same} of ${H * W}`);
    t.notDeepEqual(labels, gridLabels);
  }
});

test('sums over superpixels and what pixels get back are those of the labels', (t) => {
  const found = superpixels(tensorOf(noisy), OPTIONS);
  const labels = labelsOf(found);
  const values = Float32Array.from({ length: H * W }, (_, i) => Math.sin(i));
  const sums = overSuperpixels(tf.tensor4d(values, [1, H, W, 1]), found).dataSync();
  for (const [label, sum] of sums.entries()) {
    const expected = labels.reduce((all, at, i) => all + (at === label ? (values[i] ?? 0) : 0), 0);
    t.true(Math.abs(sum - expected) < 1e-4);
  }
});

test('superpixels touch where pixels of both lie side by side', (t) => {
  const found = superpixels(tensorOf(noisy), OPTIONS);
  const labels = labelsOf(found);
  const count = found.rows * found.columns;
  const expected = new Array<number>(count * count).fill(0);
  const tie = (a: number, b: number) => {
    if (a !== b) for (const at of [a * count + b, b * count + a]) expected[at] = 1;
  };
  for (let i = 0; i < H * W; i++) {
    if ((i % W) + 1 < W) tie(labels[i] ?? 0, labels[i + 1] ?? 0);
    if (i + W < H * W) tie(labels[i] ?? 0, labels[i + W] ?? 0);
  }
  t.deepEqual([...touching(found).dataSync()], expected);
});

test('several images at once, compiled: the same superpixels and neighbours as one by one', async (t) => {
  const other = imageOf((x, y) => [x / W, y / H, 0.5 + 0.5 * Math.sin(x)]);
  const fn = (image: tf.Tensor4D) => {
    const found = superpixels(image, OPTIONS);
    return { membership: found.membership, touching: touching(found) };
  };
  const both = Float32Array.of(...noisy, ...other);
  const sample = { image: { shape: [2, H, W, 3], dtype: 'float32' as const, data: both } };
  const compiled = await runCompiled(({ image }) => fn(image as tf.Tensor4D), sample);
  for (const name of ['membership', 'touching'] as const) {
    const expected = [noisy, other].flatMap((data) => [...fn(tensorOf(data))[name].dataSync()]);
    const values = [...(compiled[name]?.data ?? [])].map(Number);
    const differ = values.filter((value, i) => value !== expected[i]).length;
    t.true(values.length === expected.length && differ <= 4, `${name}: ${differ} differ`);
  }
});

test('images that are no whole number of cells are refused', (t) => {
  t.throws(() => superpixels(tf.zeros([1, 12, 15, 3]), OPTIONS), {
    name: 'TrainingError',
    message: /multiples of the cell `4`, got 12x15/,
  });
});
