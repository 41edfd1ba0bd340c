import test from 'ava';
import { cropWindow } from '../../../../training/datasets/files/crop.js';
import { sparseFromDense } from '../../../../training/datasets/stores/sparse-depth.js';
import { TrainingError } from '../../../../training/errors.js';
import { depthMetrics } from '../../../../training/evaluation/metrics/depth-metrics.js';
import { summarizeDepth } from '../../../../training/evaluation/metrics/depth-summary.js';
import { median } from '../../../../vision/median.js';

const row = (...values: number[]) => sparseFromDense(new Float32Array(values), 1, values.length);
const plain = { crop: 'none', medianScaling: false } as const;

function near(
  t: { true(value: boolean, message?: string): unknown },
  actual: number,
  expected: number,
): void {
  t.true(
    Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected)),
    `${actual} is not ${expected}`,
  );
}

test('every metric of two pixels equals the value worked out by hand', (t) => {
  const metrics = depthMetrics(row(2, 4), [1, 8], plain);
  if (metrics === undefined) return t.fail();
  near(t, metrics.absRel, 0.75); // (1/2 + 4/4) / 2
  near(t, metrics.sqRel, 2.25); // (1/2 + 16/4) / 2
  near(t, metrics.rmse, Math.sqrt(8.5)); // (1 + 16) / 2
  near(t, metrics.rmseLog, Math.LN2);
  near(t, metrics.log10, Math.log10(2));
  near(t, metrics.siLog, 100 * Math.LN2); // the two log errors cancel in the mean
  near(t, metrics.iRmse, Math.sqrt((500 ** 2 + 125 ** 2) / 2));
  t.deepEqual([metrics.delta1, metrics.delta2, metrics.delta3], [0, 0, 0]);
  t.is(metrics.pixels, 2);
  near(t, metrics.ratio, 3 / 4.5);
});

test('the delta thresholds are strict powers of 1.25 and work both ways', (t) => {
  const metrics = depthMetrics(row(1, 1, 1, 1), [1.25, 1.2, 1 / 1.5, 1.9], plain);
  t.deepEqual([metrics?.delta1, metrics?.delta2, metrics?.delta3], [0.25, 0.75, 1]);
});

test('median scaling makes a prediction of unknown scale perfect, and the clamp comes after it', (t) => {
  const truth = row(5, 10, 20, 40);
  const metrics = depthMetrics(truth, [0.5, 1, 2, 4], { crop: 'none' });
  near(t, metrics?.absRel ?? 1, 0);
  near(t, metrics?.ratio ?? 0, 10);
  const large = depthMetrics(truth, [500, 1000, 2000, 4000], { crop: 'none' });
  near(t, large?.absRel ?? 1, 0);
});

test('truth outside (min, cap) does not count; predictions are clamped to [min, cap]', (t) => {
  const metrics = depthMetrics(row(10, 50, 90, 0.0005), [10, 500, 1, 1], { ...plain, capMeters: 60 });
  t.is(metrics?.pixels, 2);
  near(t, metrics?.absRel ?? 0, (60 - 50) / 50 / 2);
});

test('pixels without a finite prediction count as the cap and lower the finite share', (t) => {
  const truth = row(10, 20, 40, 40, 8);
  const predicted = [10, Number.NaN, Number.POSITIVE_INFINITY, 0, 8];
  const metrics = depthMetrics(truth, predicted, plain);
  near(t, metrics?.finiteShare ?? 0, 2 / 5);
  near(t, metrics?.absRel ?? 0, (60 / 20 + 40 / 40 + 40 / 40) / 5);
  near(t, metrics?.ratio ?? 0, 1);
});

test('a prediction that is nowhere finite is the cap everywhere, not an error', (t) => {
  const metrics = depthMetrics(row(40, 80 - 1e-3), [Number.NaN, Number.NaN], { crop: 'none' });
  t.is(metrics?.finiteShare, 0);
  near(t, metrics?.absRel ?? 0, (40 / 40 + 1e-3 / 79.999) / 2);
  t.true(Number.isNaN(metrics?.ratio));
});

test('the Garg crop of a 375 x 1242 image is rows 153..371 and columns 44..1197', (t) => {
  t.deepEqual(cropWindow('garg', 375, 1242), { top: 153, bottom: 371, left: 44, right: 1197 });
  t.deepEqual(cropWindow('none', 375, 1242), { top: 0, bottom: 375, left: 0, right: 1242 });
});

test('only pixels inside the crop count', (t) => {
  const truth = sparseFromDense(new Float32Array(100).fill(10), 10, 10);
  t.is(depthMetrics(truth, new Float32Array(100).fill(10), { crop: 'garg' })?.pixels, (9 - 4) * (9 - 0));
});

test('an image without a pixel that counts has no metrics, and a prediction of another size is refused', (t) => {
  t.is(depthMetrics(row(100, 200), [1, 1]), undefined);
  t.throws(() => depthMetrics(row(1, 2), [1]), { instanceOf: TrainingError, message: /`2` values, got `1`/ });
});

test('metrics are averaged over images, finite shares over pixels, and the spread of the ratios is relative', (t) => {
  const one = depthMetrics(row(10, 10), [20, 20], plain);
  const two = depthMetrics(row(10, 10, 10, 10), [10, 10, Number.NaN, 10], plain);
  if (one === undefined || two === undefined) return t.fail();
  const summary = summarizeDepth([one, two]);
  t.is(summary.images, 2);
  t.is(summary.pixels, 6);
  near(t, summary.absRel, (1 + 7 / 4) / 2);
  near(t, summary.finiteShare, 5 / 6);
  near(t, summary.ratioMedian, 0.75);
  near(t, summary.ratioSpread, 1 / 3);
});

test('sparse truth keeps the finite, positive depths with their pixels', (t) => {
  const truth = sparseFromDense(new Float32Array([1, Number.POSITIVE_INFINITY, 0, Number.NaN, -1, 6]), 2, 3);
  t.deepEqual([...truth.depthMeters], [1, 6]);
  t.deepEqual([...truth.columns], [0, 2]);
  t.deepEqual([...truth.rows], [0, 1]);
});

test('the median of an even number of values is the mean of the middle two', (t) => {
  t.is(median([3, 1, 2]), 2);
  t.is(median([4, 1, 3, 2]), 2.5);
  t.true(Number.isNaN(median([])));
});
