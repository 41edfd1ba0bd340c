import test from 'ava';
import { errorGrowth } from '../../../../training/adaptation/judge/error-growth.js';

const near = (a: number, b: number) => Math.abs(a - b) < 1e-12;

test('the geometric mean of the ratios: half as much and twice as much cancel', (t) => {
  t.true(
    near(
      errorGrowth([
        [0.1, 0.2],
        [0.4, 0.2],
      ]).mean,
      0,
    ),
  );
  t.true(
    near(
      errorGrowth([
        [0.1, 0.11],
        [0.2, 0.22],
        [0.3, 0.33],
      ]).mean,
      0.1,
    ),
  );
});

test('one sample on which the parent is hopeless does not decide', (t) => {
  const kept = Array.from({ length: 47 }, (_, i): [number, number] => [0.1, i % 2 === 0 ? 0.098 : 0.102]);
  const growth = errorGrowth([...kept, [4.3, 6.6]]);
  // The ratio of the means is (4.699 + 6.6) / (4.7 + 4.3) = 1.26.
  t.true(growth.mean < 0.01);
  t.true(growth.high < 0.05);
});

test('a loss on every sixth sample is a loss', (t) => {
  const pairs = Array.from({ length: 48 }, (_, i): [number, number] => [0.1, i % 6 === 0 ? 0.15 : 0.1]);
  const { mean, low, high } = errorGrowth(pairs);
  t.true(near(mean, 1.5 ** (1 / 6) - 1));
  t.true(low > 0 && low < mean && high > mean);
});

test('errors that are as good as none are alike, and one that is not a number stays so', (t) => {
  t.deepEqual(errorGrowth([[0, 0.0005]]), { mean: 0, low: 0, high: 0 });
  t.true(
    Number.isNaN(
      errorGrowth([
        [0.1, 0.1],
        [0.1, Number.NaN],
      ]).mean,
    ),
  );
});
