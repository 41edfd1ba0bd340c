import test from 'ava';
import { drivePictures } from '../../../../training/adaptation/drive/drive-pictures.js';
import { pictureRefusal } from '../../../../training/adaptation/drive/picture-refusal.js';
import type { SurveyedFrame } from '../../../../training/adaptation/drive/survey.js';
import type { Drives } from '../../../../training/adaptation/drive/survey-drives.js';

/** Ten pictures a second of a camera that stands, with noise. */
const frame = (i: number, change: Partial<SurveyedFrame> = {}): SurveyedFrame => ({
  index: 100 + i,
  image: i,
  stampNs: BigInt(i) * 100_000_000n,
  quality: { saturated: 0.1, detail: 0.02 },
  ...(i > 0 && { motion: { difference: 0.01, parallaxPixels: 0 } }),
  ...change,
});

test('pictures are split by time as triplets are, whether the camera moves or not', (t) => {
  const { adapt, judge, unusable } = drivePictures(
    Array.from({ length: 101 }, (_, i) => frame(i)),
    2,
  );
  // 10 s: 60 % are learned from, what follows a gap of 5 % is judged.
  t.deepEqual(
    [adapt[0], adapt.at(-1)],
    [
      { index: 100, drive: 2, stampNs: 0n },
      { index: 160, drive: 2, stampNs: 6_000_000_000n },
    ],
  );
  t.deepEqual([judge[0]?.index, judge.at(-1)?.index], [165, 200]);
  t.is(unusable, 0);
});

test('what shows nothing, is burnt out or repeats the one before is left out', (t) => {
  const frames = Array.from({ length: 21 }, (_, i) => {
    if (i === 2) return frame(i, { quality: { saturated: 0, detail: 0 } });
    if (i === 3) return frame(i, { quality: { saturated: 0.9, detail: 0.02 } });
    return i === 4 ? frame(i, { motion: { difference: 0 } }) : frame(i);
  });
  const { adapt, unusable } = drivePictures(frames, 0);
  t.is(unusable, 3);
  t.deepEqual(
    adapt.slice(0, 4).map(({ index }) => index),
    [100, 101, 105, 106],
  );
  t.deepEqual(drivePictures([], 0), { adapt: [], judge: [], unusable: 0 });
});

test('too few pictures are refused with how many there are', (t) => {
  const drives = (learn: number, judge: number) => ({
    ...{ looked: 20, skipped: 2 },
    pictures: {
      ...{ adapt: new Array(learn).fill({}), judge: new Array(judge).fill({}), unusable: 6 },
    },
  });
  t.is(pictureRefusal(drives(10, 3) as unknown as Drives), undefined);
  t.regex(
    pictureRefusal(drives(9, 3) as unknown as Drives) ?? '',
    /^too little to see: 20 pictures \(2 more could not .*\), 6 of them show nothing.*; 9 to learn from and 3 to judge by, expected at least `10` and `3`$/,
  );
});
