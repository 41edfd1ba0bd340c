import test from 'ava';
import type { PosedTriplet } from '../../../../training/adaptation/learning/adaptation-batches.js';
import { renewedPoses } from '../../../../training/adaptation/learning/renewed-poses.js';

/** A camera that moved by so many metres along its axis, and turned a little about y. */
const pose = (meters: number, turn = 0) =>
  Float64Array.of(
    ...[Math.cos(turn), 0, Math.sin(turn), 0, 0, 1, 0, 0],
    ...[-Math.sin(turn), 0, Math.cos(turn), meters, 0, 0, 0, 1],
  );
const triplet = (target: number, before: number, after: number, turn = 0): PosedTriplet => ({
  ...{ target, previous: target - 1, next: target + 1, drive: 0 },
  ...{ previousPose: pose(before, turn), nextPose: pose(-after, turn) },
});
const lengths = (posed: readonly PosedTriplet[]) =>
  posed.map(({ previousPose, nextPose }) => [previousPose[11], -nextPose[11]]);
const close = (a: number | undefined, b: number) => a !== undefined && Math.abs(a - b) < 1e-9;

test('poses found again keep the scale that they had together; turns are those found', (t) => {
  const before = [triplet(1, 1, 1), triplet(2, 2, 2), triplet(3, 1, 1)];
  const found = [triplet(3, 3, 3, 0.1), triplet(1, 3, 3.6, 0.1), triplet(2, 6, 6, 0.1)];
  const renewed = renewedPoses(before, found);
  const expected = [
    [1, 1.2],
    [2, 2],
    [1, 1],
  ];
  t.true(lengths(renewed).every((pair, i) => pair.every((value, k) => close(value, expected[i]?.[k] ?? 0))));
  t.true(renewed.every(({ previousPose }) => close(previousPose[2], Math.sin(0.1))));
  t.deepEqual(
    renewed.map(({ target }) => target),
    [1, 2, 3],
  );
});

test('where the camera did not move, before or after, the scale comes from the others and nothing becomes NaN', (t) => {
  const before = [triplet(1, 0, 0), triplet(2, 2, 2), triplet(3, 1, 1), triplet(4, 0, 1)];
  const found = [triplet(1, 0, 0), triplet(2, 4, 4), triplet(3, 0, 2), triplet(4, 0, 2)];
  const renewed = renewedPoses(before, found);
  t.deepEqual(lengths(renewed), [
    [0, 0],
    [2, 2],
    [1, 1],
    [0, 1],
  ]);
});

test('a pose that is lost, not a number or quite another one stays as it was', (t) => {
  const before = [triplet(1, 1, 1), triplet(2, 1, 1), triplet(3, 1, 1), triplet(4, 1, 1), triplet(5, 1, 1)];
  const found = [triplet(1, 1, 1, 0.2), triplet(2, Number.NaN, 1), triplet(3, 1, 7), triplet(5, 1, 1, 0.2)];
  const renewed = renewedPoses(before, found);
  t.deepEqual(
    [1, 2, 3].map((i) => renewed[i]),
    before.slice(1, 4),
  );
  t.true(close(renewed[0]?.nextPose[2], Math.sin(0.2)) && close(renewed[4]?.nextPose[2], Math.sin(0.2)));
  t.deepEqual(renewedPoses(before, []), before);
});

test('what was measured stays as long as it was: only the direction is found again', (t) => {
  const before = [triplet(1, 1, 1.1), triplet(2, 1, 1), triplet(3, 2, 2)].map((each) => ({
    ...each,
    depthFactor: 1.2,
  }));
  const renewed = renewedPoses(before, [
    triplet(1, 1.3, 1, 0.1),
    triplet(2, 1, 1, 0.1),
    triplet(3, 2, 2.2, 0.1),
  ]);
  const expected = [
    [1, 1.1],
    [1, 1],
    [2, 2],
  ];
  t.true(lengths(renewed).every((pair, i) => pair.every((value, k) => close(value, expected[i]?.[k] ?? 0))));
  t.true(renewed.every(({ previousPose }) => close(previousPose[2], Math.sin(0.1))));
});
