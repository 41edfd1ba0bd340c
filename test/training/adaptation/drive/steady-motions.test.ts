import test from 'ava';
import { steadyMotions } from '../../../../training/adaptation/drive/steady-motions.js';

/** Metres a frame. */
const drive = (...speeds: readonly number[]) =>
  speeds.map((speed, i) => ({
    ...{ target: 2 * i + 1, next: 2 * i + 3 },
    nextPose: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, -2 * speed, 0, 0, 0, 1),
  }));
const kept = (speeds: readonly number[]) =>
  steadyMotions(drive(...speeds)).map(({ target }) => (target - 1) / 2);
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

test('a pose that says the vehicle stood for a moment, or flew, is left out', (t) => {
  const speeds = range(30).map((i) => (i === 4 || i === 29 ? 0.02 : i === 15 ? 2.4 : 1 + 0.01 * i));
  t.deepEqual(
    kept(speeds),
    range(30).filter((i) => ![4, 15, 29].includes(i)),
  );
});

test('a vehicle that brakes or speeds up keeps all of its motions', (t) => {
  // From 21 to 7 m/s in six seconds, ten pictures a second.
  const speeds = range(60).map((i) => 2.1 - (1.4 * i) / 60);
  t.deepEqual(kept(speeds), range(60));
});

test('where nobody can say which are wrong, and where there are few, all stay', (t) => {
  const thirds = range(39).map((i) => [1, 0.1, 10][i % 3]);
  t.is(kept(thirds).length, 39);
  t.is(kept([1, 1, 9, 1]).length, 4);
});
