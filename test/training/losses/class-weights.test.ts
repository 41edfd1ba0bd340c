import test from 'ava';
import { enetClassWeights } from '../../../training/losses/class-weights.js';

test('weights are 1 / ln(1.02 + share)', (t) => {
  const weights = enetClassWeights([60, 30, 10, 0]);
  const expected = [2.0729, 3.6019, 8.8239, 50.4983]; // by a pocket calculator
  for (const [i, weight] of weights.entries())
    t.true(Math.abs(weight - (expected[i] ?? 0)) < 1e-3, `${weight}`);
});

test('a set without any pixel gives every class the same finite weight', (t) => {
  const weights = enetClassWeights([0, 0]);
  t.is(weights[0], weights[1]);
  t.true(Number.isFinite(weights[0]));
});
