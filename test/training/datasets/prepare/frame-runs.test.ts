import test from 'ava';
import { frameRuns, usualDistanceNs } from '../../../../training/datasets/prepare/frame-runs.js';

const at = (...milliseconds: number[]) => milliseconds.map((value) => BigInt(value) * 1_000_000n);

test('a missing frame, a pause and a jump back end a run; jitter does not', (t) => {
  const stamps = at(0, 100, 205, 295, 500, 600, 5000, 5100, 5050, 5150);
  t.is(usualDistanceNs(stamps), 100e6);
  t.deepEqual(frameRuns(stamps), [
    { first: 0, frames: 4 },
    { first: 4, frames: 2 },
    { first: 6, frames: 2 },
    { first: 8, frames: 2 },
  ]);
});

test('no frames have no runs, one frame is one', (t) => {
  t.deepEqual(frameRuns([]), []);
  t.deepEqual(frameRuns(at(7)), [{ first: 0, frames: 1 }]);
});
