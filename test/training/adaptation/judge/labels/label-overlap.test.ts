import test from 'ava';
import {
  agreementGain,
  LabelOverlap,
  pixelGain,
} from '../../../../../training/adaptation/judge/labels/label-overlap.js';

const CLASSES = 4;
const overlap = (one: readonly number[], other: readonly number[]) => {
  const result = new LabelOverlap(CLASSES);
  for (const [i, label] of one.entries()) result.add(label, other[i] ?? 255);
  return result;
};

test('mIoU of two labellings is intersection over union by class, by hand', (t) => {
  const found = overlap([0, 0, 0, 1, 1, 255], [0, 0, 1, 1, 2, 2]);
  // Class 0: 2 of 3, class 1: 1 of 3, class 2: 0 of 2.
  t.is(found.meanIou([0, 1]), (2 / 3 + 1 / 3) / 2);
  t.is(found.meanIou([0, 1, 2]), (2 / 3 + 1 / 3) / 3);
  t.is(found.pixels(2), 2);
});

test('who gives up a class agrees with nobody about it', (t) => {
  const constant = overlap([0, 0, 0, 0], [0, 0, 0, 0]);
  t.is(constant.meanIou([0, 1, 2, 3]), 0.25);
});

test('one class everywhere is no gain, however much it agrees with itself; the interval holds the mean', (t) => {
  const parent = [0, 0, 1, 1, 2, 2, 3, 3];
  const seen = [0, 0, 1, 1, 2, 2, 3, 0];
  const before = Array.from({ length: 6 }, () => overlap(parent, seen));
  const constant = Array.from({ length: 6 }, () =>
    overlap(
      parent.map(() => 0),
      parent.map(() => 0),
    ),
  );
  const lost = agreementGain(before.map((one, i) => [one, constant[i] ?? one]));
  t.true(lost.high < 0);
  const exact = agreementGain(before.map((one) => [one, overlap(parent, parent)]));
  t.true(exact.low > 0 && exact.low <= exact.mean && exact.mean <= exact.high);
  // Class 0: 2 of 3, class 3: 1 of 2, the others all.
  t.true(Math.abs(exact.mean - (1 - (2 / 3 + 1 + 1 + 1 / 2) / 4)) < 1e-12);
});

test('the gain in pixels counts those with the same class, whichever it is, by hand', (t) => {
  const before = overlap([0, 0, 1, 255], [0, 1, 1, 255]);
  const after = overlap([0, 0, 1, 1], [0, 0, 1, 2]);
  t.deepEqual([before.same, before.compared], [2, 4]);
  // 1 pixel of 4 more in each picture; the classless pixels agree about nothing.
  const { mean, low, high } = pixelGain([
    [before, after],
    [before, after],
  ]);
  t.deepEqual([mean, low, high], [0.25, 0.25, 0.25]);
});

test('classes of which the parent has next to nothing do not count', (t) => {
  const many = Array.from({ length: 3000 }, (_, i) => i % 2);
  const pair = (rare: number) => overlap([...many, 3], [...many, rare]);
  const { mean } = agreementGain([[pair(2), pair(3)]]);
  t.is(mean, 0);
});
