import test from 'ava';
import { DiskPace } from '../../../../msgs/bag/files/disk-pace.js';

const MEBIBYTE = 1 << 20;

/** Whether the disk is called slow at any of `writes` of 2 MiB, `everyMs` apart, that take so long each. */
function isCalledSlow(writes: number, everyMs: number, tookMs: (index: number) => number): boolean {
  const pace = new DiskPace(0);
  return Array.from({ length: writes }, (_, i) =>
    pace.wrote(2 * MEBIBYTE, tookMs(i), (i + 1) * everyMs),
  ).includes(true);
}

test('a disk that takes more than half of the time is slow', (t) => {
  t.true(isCalledSlow(32, 10, () => 6));
  t.false(isCalledSlow(320, 10, () => 4));
});

test('it is not judged before 64 MiB are written', (t) => {
  t.false(isCalledSlow(31, 10, () => 10));
  t.true(isCalledSlow(32, 10, () => 10));
});

test('writes that wait for a busy processor do not make a disk slow', (t) => {
  t.false(isCalledSlow(320, 100, (i) => (i % 8 === 0 ? 2 : 95)));
});

test('a disk that gets slow later is found slow', (t) => {
  t.false(isCalledSlow(64, 10, () => 2));
  t.true(isCalledSlow(128, 10, (i) => (i < 64 ? 2 : 9)));
});
