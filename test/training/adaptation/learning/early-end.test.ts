import test from 'ava';
import { EarlyEnd } from '../../../../training/adaptation/learning/early-end.js';

test('the rate falls in the last quarter of a time that is too short for the planned steps', (t) => {
  const end = new EarlyEnd(0, 400);
  t.false(end.begins(50, 0.5));
  t.is(end.factor(0.5), 1);
  t.true(end.begins(75, 0.75));
  t.true(end.hasBegun);
  t.false(end.begins(76, 0.76), 'it begins once');
  t.is(end.factor(0.75), 1);
  t.true(Math.abs(end.factor(0.875) - 0.5) < 1e-12);
  t.is(end.factor(1), 0.01);
});

test('where the time is enough for the planned steps it never falls early, whatever earlier nights took', (t) => {
  t.false(new EarlyEnd(0, 100).begins(75, 0.75));
  // 300 of 400 were there already: 60 more in four fifths of the time are too few, 80 are enough.
  t.true(new EarlyEnd(300, 400).begins(360, 0.8));
  t.false(new EarlyEnd(300, 400).begins(380, 0.8));
});

test('the time before the first step is not taken for that of steps', (t) => {
  // Half of the time to compile, then 100 steps in the other half.
  const end = new EarlyEnd(0, 100);
  t.false(end.begins(1, 0.505));
  t.false(end.begins(51, 0.755));
  const short = new EarlyEnd(0, 120);
  t.false(short.begins(1, 0.505));
  t.true(short.begins(51, 0.755));
});
