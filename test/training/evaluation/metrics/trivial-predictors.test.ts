import test from 'ava';
import { sparseFromDense } from '../../../../training/datasets/stores/sparse-depth.js';
import { TrivialPredictorBuilder } from '../../../../training/evaluation/metrics/trivial-predictors.js';

test('the predictors are the medians of the whole split and of its rows, and rows without truth take the former', (t) => {
  const builder = new TrivialPredictorBuilder({ crop: 'none' });
  builder.add(sparseFromDense(new Float32Array([10, 10, 10, 20, 20, 30, 0, 0, 0]), 3, 3));
  builder.add(sparseFromDense(new Float32Array([10, 12, 14, 20, 20, 70, 0, 0, 0]), 3, 3));
  const { constant, rowMedian } = builder.of(3, 3);
  const near = (actual: number | undefined, expected: number): void => {
    t.true(Math.abs((actual ?? 0) / expected - 1) < 0.01, `${actual} is not ${expected}`);
  };
  near(rowMedian[0], 10);
  near(rowMedian[4], 20);
  t.is(rowMedian[8], constant[0]);
  t.true((constant[0] ?? 0) >= 13.8 && (constant[0] ?? 0) <= 20.2);
});

test('images of different size share the constant and have rows of their own', (t) => {
  const builder = new TrivialPredictorBuilder({ crop: 'none' });
  builder.add(sparseFromDense(new Float32Array(4).fill(10), 2, 2));
  builder.add(sparseFromDense(new Float32Array(9).fill(40), 3, 3));
  const [small, large] = [builder.of(2, 2), builder.of(3, 3)];
  t.true(Math.abs((small.rowMedian[0] ?? 0) - 10) < 0.1 && Math.abs((large.rowMedian[8] ?? 0) - 40) < 0.4);
  t.true(Math.abs((small.constant[0] ?? 0) - 40) < 0.4); // nine of thirteen depths
  t.is(small.constant[0], large.constant[0]);
  t.deepEqual([small.constant.length, large.constant.length], [4, 9]);
});
