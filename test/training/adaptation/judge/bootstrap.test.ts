import test from 'ava';
import {
  blockBootstrap,
  blockLength,
  ratioBootstrap,
} from '../../../../training/adaptation/judge/bootstrap.js';
import { Random } from '../../../../training/simulator/random.js';
import { solveSymmetric } from '../../../../vision/solve-symmetric.js';

test('the interval of independent values is that of the normal theory', (t) => {
  const random = new Random(5);
  const values = Array.from({ length: 400 }, () => random.normal(2, 3));
  const { mean, low, high } = blockBootstrap(values, 1);
  const sample = values.reduce((a, b) => a + b, 0) / values.length;
  t.true(Math.abs(mean - sample) < 1e-9);
  const half = (1.96 * 3) / Math.sqrt(400);
  t.true(Math.abs((high - low) / 2 - half) < 0.15 * half, `${(high - low) / 2}, expected ${half}`);
});

test('values that resemble their neighbours have a wider interval, which single draws miss', (t) => {
  const random = new Random(6);
  const values: number[] = [];
  for (let i = 0, x = 0; i < 400; i++) {
    x = 0.9 * x + random.normal(0, 1);
    values.push(x);
  }
  const width = (block: number) => {
    const { low, high } = blockBootstrap(values, block);
    return high - low;
  };
  t.true(width(25) > 1.8 * width(1), `${width(25)} and ${width(1)}`);
});

test('runs stay within a drive, and a drive that is shorter than a run is one', (t) => {
  // Two drives, one good and one bad, each all alike: what is drawn is one of a few sums, whatever the runs are.
  const values = [...Array(6).fill(0), ...Array(3).fill(1)];
  const drives = [...Array(6).fill(0), ...Array(3).fill(7)];
  const ones = values.map(() => 1);
  const within = ratioBootstrap(values, ones, 3, 1, drives);
  const across = ratioBootstrap(values, ones, 3, 1);
  t.is(within.mean, 1 / 3);
  // Three runs of three, each wholly of one drive: none, one, two or all of them are bad.
  for (const end of [within.low, within.high]) t.true([0, 1 / 3, 2 / 3, 1].includes(end), `${end}`);
  t.true(within.high - within.low >= across.high - across.low);
  t.deepEqual(ratioBootstrap(values, ones, 3, 1, Array(9).fill(4)), across, 'of one drive it is what it was');
});

test('equal values have an interval of no width, and the same values always the same interval', (t) => {
  t.deepEqual(blockBootstrap([3, 3, 3], 1), { mean: 3, low: 3, high: 3 });
  t.deepEqual(blockBootstrap([1, 4, 2, 8], 2), blockBootstrap([1, 4, 2, 8], 2));
  t.is(ratioBootstrap([1, 2], [2, 8], 1).mean, 0.3);
});

test('blocks grow with the cube root, and at least four of them fit', (t) => {
  t.deepEqual([0, 3, 12, 60, 1000].map(blockLength), [1, 1, 3, 6, 15]);
});

test('a symmetric system is solved; one that is not positive definite is refused', (t) => {
  // [4 2; 2 3] [1; 2] = [8; 8]
  const x = solveSymmetric(Float64Array.of(4, 0, 2, 3), Float64Array.of(8, 8));
  t.true(x !== undefined && Math.abs(x[0] - 1) < 1e-12 && Math.abs(x[1] - 2) < 1e-12);
  t.is(solveSymmetric(Float64Array.of(1, 0, 2, 1), Float64Array.of(1, 1)), undefined);
});
