import test from 'ava';
import { DriveOrder } from '../../../../training/adaptation/learning/drive-order.js';

const ofLengths = (...lengths: readonly number[]) =>
  lengths.flatMap((length, drive) => Array.from({ length }, () => drive));

test('neighbours in the order are of different drives, and turns grow with the root of a length', (t) => {
  // 100 and 25 triplets: two turns of the long one for one of the short one.
  const drives = ofLengths(100, 25);
  const order = new DriveOrder(drives, 5);
  const seen = Array.from({ length: 300 }, (_, i) => order.at(i));
  const turns = (drive: number) => seen.filter((triplet) => drives[triplet] === drive).length;
  t.is(turns(0), 200);
  t.is(turns(1), 100);
  // In three neighbours both drives are there.
  for (let i = 0; i + 3 <= seen.length; i++) {
    t.is(new Set(seen.slice(i, i + 3).map((triplet) => drives[triplet])).size, 2, `at ${i}`);
  }
  t.is(
    new Set(seen.slice(0, 150).filter((triplet) => drives[triplet] === 0)).size,
    100,
    'a pass shows all of it',
  );
});

test('two equal drives take turns', (t) => {
  const drives = ofLengths(9, 9);
  const order = new DriveOrder(drives, 1);
  for (let i = 0; i < 18; i += 2) t.not(drives[order.at(i)], drives[order.at(i + 1)]);
});

test('a position has the same triplet, whichever positions were asked for before', (t) => {
  const drives = ofLengths(30, 7, 12);
  const whole = new DriveOrder(drives, 9);
  const seen = Array.from({ length: 200 }, (_, i) => whole.at(i));
  const late = new DriveOrder(drives, 9);
  for (const at of [150, 151, 40, 199, 0]) t.is(late.at(at), seen[at]);
});
