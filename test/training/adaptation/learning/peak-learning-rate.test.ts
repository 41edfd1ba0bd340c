import test from 'ava';
import { peakLearningRate } from '../../../../training/adaptation/learning/peak-learning-rate.js';

test('a short drive, or a short budget, is learned from at the base rate', (t) => {
  t.is(peakLearningRate(7e-5, 52, 5000), 7e-5);
  t.is(peakLearningRate(7e-5, 5000, 150), 7e-5);
  t.is(peakLearningRate(7e-5, 5000, Number.NaN), 7e-5);
});

test('the rate grows with what is scarcer, up to four times', (t) => {
  t.is(peakLearningRate(1, 300, 1500), 3);
  t.is(peakLearningRate(1, 800, 450), 3);
  t.is(peakLearningRate(1, 800, 1500), 4);
});
