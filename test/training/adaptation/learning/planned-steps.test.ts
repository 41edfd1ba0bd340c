import test from 'ava';
import { plannedSteps } from '../../../../training/adaptation/learning/planned-steps.js';

test('four passes over the drives are planned; short ones get 150 steps, long ones 2000', (t) => {
  t.is(plannedSteps(180, 2), 360);
  t.is(plannedSteps(30, 2), 150);
  t.is(plannedSteps(50_000, 2), 2000);
});
