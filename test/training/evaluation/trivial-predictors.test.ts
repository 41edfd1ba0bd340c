import test from 'ava';
import { sparseFromDense } from '../../../training/evaluation/sparse-depth.js';
import { TrivialPredictorBuilder } from '../../../training/evaluation/trivial-predictors.js';

test('the predictors are the medians of the whole split and of its rows, and rows without truth take the former', (t) => {
  const builder = new TrivialPredictorBuilder({ crop: 'none' });
  builder.add(sparseFromDense(new Float32Array([10, 10, 10, 20, 20, 30, 0, 0, 0]), 3, 3));
  builder.add(sparseFromDense(new Float32Array([10, 12, 14, 20, 20, 70, 0, 0, 0]), 3, 3));
  const { constant, rowMedian } = builder.build();
  const near = (actual: number | undefined, expected: number): void => {
    t.true(Math.abs((actual ?? 0) / expected - 1) < 0.01, `${actual} is not ${expected}`);
  };
  near(rowMedian[0], 10);
  near(rowMedian[4], 20);
  t.is(rowMedian[8], constant[0]);
  t.true((constant[0] ?? 0) >= 13.8 && (constant[0] ?? 0) <= 20.2);
});
