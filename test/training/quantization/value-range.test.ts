import test from 'ava';
import { roundedConvolution, roundWeights } from '../../../training/quantization/rounded-convolution.js';
import {
  byteScale,
  chooseRange,
  HISTOGRAM_BINS,
  type SeenValues,
} from '../../../training/quantization/value-range.js';

const near = (a: number, b: number, tolerance: number): boolean => Math.abs(a - b) <= tolerance;

test('255 steps cover the range, and 0 is one of them', (t) => {
  const { scale, zeroPoint } = byteScale(-1, 3);
  t.true(near(scale, 4 / 255, 1e-8));
  t.is(zeroPoint, 64); // 1 / (4 / 255) = 63.75
  t.deepEqual(byteScale(2, 6), byteScale(0, 6), 'a range beside 0 is widened to it');
  t.is(byteScale(0, 6).zeroPoint, 0);
  t.is(byteScale(-5, -1).zeroPoint, 255);
  t.true(byteScale(0, 0).scale > 0);
});

/** Values spread evenly over [0, 1), and `outliers` at 100. */
function withOutliers(outliers: number): SeenValues {
  const counts = new Float64Array(HISTOGRAM_BINS);
  const within = Math.floor(HISTOGRAM_BINS / 100);
  counts.fill(100_000 / within, 0, within);
  counts[HISTOGRAM_BINS - 1] = outliers;
  return { min: 0, max: 100, counts };
}

test('a percentile cuts off what is rarer than it says', (t) => {
  const top = (outliers: number, percent: number) =>
    255 * chooseRange(withOutliers(outliers), { kind: 'percentile', percent }).scale;
  t.true(near(top(5, 99.99), 1, 0.06), 'five of a hundred thousand are cut off');
  t.true(near(top(5, 99.999), 100, 1e-3), 'but not where one of a hundred thousand may be');
  t.true(near(top(500, 99.99), 100, 1e-3));
});

test('least squares gives up rare outliers only while rounding the others costs more', (t) => {
  const top = (seen: SeenValues) => 255 * chooseRange(seen, { kind: 'mse' }).scale;
  // One outlier clipped to c costs (100 - c)^2, steps of c / 255 cost c^2 / (12 * 255^2) for each of 100,000 values:
  // least at c = 100 / (1 + 100000 / (12 * 255^2)) = 88.6.
  t.true(near(top(withOutliers(1)), 88.6, 3));
  const counts = new Float64Array(HISTOGRAM_BINS);
  counts.fill(1e6, 0, HISTOGRAM_BINS / 2);
  counts[HISTOGRAM_BINS - 1] = 1;
  t.true(
    top({ min: 0, max: 4, counts }) < 2.4,
    'one outlier at twice the range of a billion values does not',
  );
});

test('weights are rounded with a scale of each output channel', (t) => {
  const { values, scales } = roundWeights({
    dtype: 'float32',
    shape: [2, 1, 1, 2],
    data: Float32Array.of(0.5, -1, 10, 127),
  });
  t.deepEqual([...values], [64, -127, 10, 127]); // 0.5 * 127 = 63.5
  t.true(near(scales[0] ?? 0, 1 / 127, 1e-8) && near(scales[1] ?? 0, 1, 1e-7));
});

test('the bias of a channel whose weights are next to nothing survives', (t) => {
  for (const largest of [0, 1e-9, 1e-7, 1e-6, 1e-2]) {
    const rounded = roundedConvolution(
      { dtype: 'float32', shape: [2, 1, 1, 1], data: Float32Array.of(largest, 1) },
      { dtype: 'float32', shape: [2], data: Float32Array.of(0.5, -0.25) },
      { inputScale: 0.02, means: Float64Array.of(1), groups: 1, extra: { inputs: 0, outputs: 0 } },
    );
    const bias = [0, 1].map((o) => Number(rounded.b32.data[o]) * Number(rounded['b32.scale'].data[o]));
    t.true(near(bias[0] ?? 0, 0.5, 1e-4) && near(bias[1] ?? 0, -0.25, 1e-3), `${largest}: ${bias}`);
  }
});
