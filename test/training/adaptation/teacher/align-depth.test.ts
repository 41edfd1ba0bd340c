import test from 'ava';
import { alignDepth, depthRatio } from '../../../../training/adaptation/teacher/align-depth.js';

/** 2 to 50 m. */
const TRUTH = Float32Array.from({ length: 600 }, (_, i) => 2 + (48 * i) / 599);
const ALL = new Uint8Array(TRUTH.length).fill(1);

function isNear(actual: Float32Array | undefined, expected: Float32Array, within: number): boolean {
  return actual?.every((z, i) => Math.abs(z / expected[i] - 1) < within) ?? false;
}

test('a metric depth stays as it is', (t) => {
  const depth = TRUTH.map((z) => 1.4 * z);
  t.is(alignDepth('metric', depth, TRUTH, ALL), depth);
});

test('a depth without a unit gets the median scale, which a few wrong pixels do not change', (t) => {
  const depth = TRUTH.map((z, i) => (i % 5 === 0 ? 99 : z / 7));
  const aligned = alignDepth('scalable', depth, TRUTH, ALL);
  t.true(Math.abs((aligned?.[1] ?? 0) - TRUTH[1]) < 0.02 * TRUTH[1]);
  t.is(
    depthRatio(
      TRUTH,
      TRUTH.map((z) => z / 7),
      ALL,
    )?.toFixed(3),
    '7.000',
  );
});

test('an inverse depth of unknown scale and shift is found again, whatever a tenth of the pixels say', (t) => {
  // x = 300 / z + 40, which is told as 1 / x.
  const depth = TRUTH.map((z) => 1 / (300 / z + 40));
  t.true(isNear(alignDepth('affine-inverse', depth, TRUTH, ALL), TRUTH, 1e-3));
  const wrong = depth.map((z, i) => (i % 10 === 0 ? 3 * z : z));
  const aligned = alignDepth('affine-inverse', wrong, TRUTH, ALL);
  t.true(
    isNear(
      aligned?.filter((_, i) => i % 10 !== 0),
      TRUTH.filter((_, i) => i % 10 !== 0),
      0.03,
    ),
  );
});

test('a depth of unknown scale and shift is found again', (t) => {
  const depth = TRUTH.map((z) => (z - 1) / 60);
  t.true(isNear(alignDepth('affine', depth, TRUTH, ALL), TRUTH, 1e-3));
});

test('what exchanges near and far, or shares too few pixels, cannot be aligned', (t) => {
  const swapped = TRUTH.map((z) => 1 / z);
  t.is(alignDepth('affine-inverse', swapped, TRUTH, ALL), undefined);
  t.is(alignDepth('affine', swapped, TRUTH, ALL), undefined);
  const few = ALL.map((_, i) => (i < 20 ? 1 : 0));
  t.is(alignDepth('scalable', TRUTH, TRUTH, few), undefined);
  t.is(alignDepth('affine-inverse', TRUTH, TRUTH, few), undefined);
  t.is(
    alignDepth(
      'scalable',
      TRUTH.map(() => Number.NaN),
      TRUTH,
      ALL,
    ),
    undefined,
  );
});

test('what a network left open stays open: infinite depth of an inverse one is nowhere, beyond the line it is far', (t) => {
  const depth = TRUTH.map((z, i) => (i === 0 ? Number.POSITIVE_INFINITY : 1 / (300 / z + 40)));
  t.true(Number.isNaN(alignDepth('affine-inverse', depth, TRUTH, ALL)?.[0]));
  const far = TRUTH.map((z, i) => 1 / (i === 0 ? 39.99 : 300 / z + 40));
  t.is(alignDepth('affine-inverse', far, TRUTH, ALL)?.[0], Number.POSITIVE_INFINITY);
});
