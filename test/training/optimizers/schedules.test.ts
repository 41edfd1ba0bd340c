import test from 'ava';
import { linearDecaySchedule } from '../../../training/optimizers/linear-decay-schedule.js';
import { polySchedule } from '../../../training/optimizers/poly-schedule.js';
import { reversalStrength } from '../../../training/optimizers/reversal-strength.js';
import { stepSchedule } from '../../../training/optimizers/step-schedule.js';
import { warmUp } from '../../../training/optimizers/warm-up.js';

const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-12;

test('poly falls from the peak to zero and stays there', (t) => {
  const rate = polySchedule({ peak: 2.5e-4, steps: 250_000 });
  t.is(rate(0), 2.5e-4);
  t.true(near(rate(125_000), 2.5e-4 * 0.5 ** 0.9));
  t.true(near(rate(249_999), 2.5e-4 * (1 / 250_000) ** 0.9));
  t.is(rate(250_000), 0);
  t.is(rate(300_000), 0);
  t.is(polySchedule({ peak: 1, steps: 10, power: 2 })(5), 0.25);
});

test('steps halve the rate, each at its first step', (t) => {
  const rate = stepSchedule({ peak: 1e-4, every: 10 });
  t.deepEqual([0, 9, 10, 19, 20, 35].map(rate), [1e-4, 1e-4, 5e-5, 5e-5, 2.5e-5, 1.25e-5]);
  t.true(near(stepSchedule({ peak: 1, every: 3, factor: 0.1 })(6), 0.01));
});

test('a linear decay begins after the constant part and never goes below zero', (t) => {
  const rate = linearDecaySchedule({ peak: 2, constant: 10, decay: 4 });
  t.deepEqual([0, 9, 10, 11, 13, 14, 99].map(rate), [2, 2, 2, 1.5, 0.5, 0, 0]);
});

test('a warm-up scales the first steps of another schedule and leaves the others as they are', (t) => {
  const plain = polySchedule({ peak: 1, steps: 100, power: 1 });
  const rate = warmUp(4, plain);
  t.deepEqual([0, 1, 3].map(rate), [0.25, 0.5 * plain(1), plain(3)]);
  for (const step of [4, 50, 100]) t.is(rate(step), plain(step));
  t.is(warmUp(0, plain)(0), 1);
  t.is(warmUp(2.5, () => 1)(2), 1, 'no whole number of steps never passes the peak');
});

test('gradients are hardly reversed at first and almost fully at the end', (t) => {
  t.is(reversalStrength(0), 0);
  t.true(near(reversalStrength(0.1), Math.tanh(0.5)));
  t.true(near(reversalStrength(1), Math.tanh(5)));
  t.is(reversalStrength(7), reversalStrength(1));
  t.is(reversalStrength(-1), 0);
});

test('numbers that make no schedule are refused by name', (t) => {
  const refused = (build: () => unknown) => t.throws(build, { name: 'TrainingError' })?.message;
  t.regex(refused(() => polySchedule({ peak: 1, steps: 0 })) ?? '', /^steps: .*got 0/);
  t.regex(refused(() => polySchedule({ peak: 1, steps: 9, power: Number.NaN })) ?? '', /^power: .*got NaN/);
  t.regex(refused(() => stepSchedule({ peak: 1, every: -1 })) ?? '', /^every: .*got -1/);
  t.regex(refused(() => stepSchedule({ peak: 1, every: 1, factor: 0 })) ?? '', /^factor: .*got 0/);
  t.regex(refused(() => linearDecaySchedule({ peak: 1, constant: -1, decay: 1 })) ?? '', /^constant: /);
  t.regex(refused(() => linearDecaySchedule({ peak: 1, constant: 1, decay: 0 })) ?? '', /^decay: /);
  t.regex(refused(() => warmUp(-3, () => 1)) ?? '', /^steps: .*got -3/);
});
