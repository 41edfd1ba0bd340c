import test from 'ava';
import { TrainingError } from '../../../../training/errors.js';
import {
  isStatic,
  overlapThreshold,
  PAPER_MASK_SCHEDULE,
  unmaskedFraction,
} from '../../../../training/methods/sgdepth/mask-schedule.js';

test('the paper masks every image for 30 epochs and none in the last of 40', (t) => {
  const fractions = Array.from({ length: 40 }, (_, epoch) => unmaskedFraction(epoch, PAPER_MASK_SCHEDULE));
  t.true(fractions.slice(0, 31).every((fraction) => fraction === 0));
  t.is(fractions[33], 1 / 3);
  t.is(fractions[36], 2 / 3);
  t.is(fractions[39], 1);
});

test('short schedules end without mask; one whose masked epochs never end stays masked', (t) => {
  const all = (epochs: number, maskedEpochs: number) =>
    Array.from({ length: epochs }, (_, epoch) => unmaskedFraction(epoch, { epochs, maskedEpochs }));
  t.deepEqual(all(4, 3), [0, 0, 0, 1]);
  t.deepEqual(all(5, 2), [0, 0, 0, 0.5, 1]);
  t.deepEqual(all(1, 0), [1]);
  t.deepEqual(all(3, 0), [0, 0.5, 1]);
  t.deepEqual(all(3, 3), [0, 0, 0]);
  t.deepEqual(all(3, 9), [0, 0, 0]);
});

test('a fraction epsilon of the images reaches the threshold', (t) => {
  const overlaps = [0.2, 0.9, 0.5, 0.7, 0.1, 0.6, 0.3, 0.4, 0.8, 0];
  for (let count = 0; count <= 10; count++) {
    const threshold = overlapThreshold(overlaps, count / 10);
    t.is(overlaps.filter((overlap) => isStatic(overlap, threshold)).length, count);
  }
  t.is(overlapThreshold(overlaps, 0.3), 0.7);
});

test('images of the same overlap are treated the same', (t) => {
  const overlaps = [1, 1, 1, 0.5];
  const threshold = overlapThreshold(overlaps, 0.25);
  t.deepEqual(
    overlaps.map((overlap) => isStatic(overlap, threshold)),
    [true, true, true, false],
  );
});

test('epsilon 0 masks even perfect overlap, 1 masks nothing, seen or not', (t) => {
  t.false(isStatic(1, overlapThreshold([1, 1], 0)));
  t.false(isStatic(1, overlapThreshold([], 0)));
  t.true(isStatic(0, overlapThreshold([1, 0], 1)));
  t.true(isStatic(undefined, overlapThreshold([], 1)));
  t.true(isStatic(undefined, overlapThreshold([0, 1], 1)));
  t.false(isStatic(undefined, overlapThreshold([0, 1], 0.5)));
});

test('overlaps out of range are refused', (t) => {
  for (const bad of [Number.NaN, -0.1, 1.1]) {
    t.throws(() => overlapThreshold([0.5, bad], 0.5), { instanceOf: TrainingError, message: /0\.\.1/ });
  }
});
