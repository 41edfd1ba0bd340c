import test from 'ava';
import { cosineLearningRate } from '../../../training/runs/learning-rate.js';

const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-12;

test('warms up linearly, then falls by half a cosine to the last share of the peak', (t) => {
  const rate = (step: number) => cosineLearningRate(step, { peak: 2, steps: 110, warmup: 10, last: 0.1 });
  t.true(close(rate(0), 0.2));
  t.true(close(rate(4), 1));
  t.true(close(rate(9), 2));
  t.true(close(rate(10), 2));
  t.true(close(rate(60), 2 * 0.55), 'half way: the mean of peak and last');
  t.true(close(rate(35), 2 * (0.1 + 0.9 * 0.5 * (1 + Math.SQRT1_2))), 'a quarter of the way');
  t.true(close(rate(110), 0.2));
  t.true(close(rate(1000), 0.2), 'and stays there');
});

test('never passes the peak, though the warm-up is no whole number of steps', (t) => {
  for (const warmup of [0, 0.05, 2.5, 7.3]) {
    for (let step = 0; step < 50; step++) {
      const rate = cosineLearningRate(step, { peak: 1, steps: 50, warmup });
      t.true(rate > 0 && rate <= 1, `warm-up ${warmup}, step ${step}: ${rate}`);
    }
  }
});
