import test from 'ava';
import { evenWindows } from '../../../../training/adaptation/drive/read-drive.js';
import { refusal } from '../../../../training/adaptation/drive/refusal.js';
import { selectTriplets } from '../../../../training/adaptation/drive/select-triplets.js';
import { splitDrive } from '../../../../training/adaptation/drive/split-drive.js';
import type { FrameMotion, SurveyedFrame } from '../../../../training/adaptation/drive/survey.js';

const GOOD = { saturated: 0.05, detail: 0.03 };
const MOVING: FrameMotion = { difference: 0.04, parallaxPixels: 2, residual: 0.03 };

/** A drive at 10 Hz. */
function drive(count: number, change: (i: number) => Partial<SurveyedFrame> = () => ({})): SurveyedFrame[] {
  return Array.from({ length: count }, (_, i) => ({
    index: 100 + i,
    image: i,
    stampNs: BigInt(i) * 100_000_000n,
    quality: GOOD,
    ...(i > 0 && { motion: MOVING }),
    ...change(i),
  }));
}

function reason(frames: SurveyedFrame[]): string | undefined {
  const selection = selectTriplets(frames);
  return refusal(frames.length, 0, [selection], splitDrive(frames, selection.triplets));
}

test('neighbours are as near as the parallax allows, equally far on both sides', (t) => {
  const { triplets } = selectTriplets(
    drive(10, (i) => (i > 0 ? { motion: { ...MOVING, parallaxPixels: 0.6 } } : {})),
  );
  t.deepEqual(
    triplets.map(({ previous, target, next }) => [previous, target, next]),
    [103, 104, 105, 106].map((target) => [target - 3, target, target + 3]),
  );
  t.true(Math.abs((triplets[0]?.parallaxPixels ?? 0) - 1.8) < 1e-9);
});

test('no triplet reaches over a cut, a gap in time or a frame that was left out', (t) => {
  const over = (change: Partial<SurveyedFrame>) =>
    selectTriplets(drive(9, (i) => (i === 4 ? change : {}))).triplets.map(({ target }) => target);
  const allBut = [101, 102, 105, 106, 107];
  t.deepEqual(over({ motion: { difference: 0.2, residual: 0.12, parallaxPixels: 3 } }), allBut);
  t.deepEqual(over({ motion: { difference: 0.2 } }), allBut);
  t.deepEqual(over({ motion: undefined }), allBut);
  const late = drive(9).map((frame, i) =>
    i < 4 ? frame : { ...frame, stampNs: frame.stampNs + 5_000_000_000n },
  );
  t.deepEqual(
    selectTriplets(late).triplets.map(({ target }) => target),
    allBut,
  );
});

test('the split leaves time between, and no picture is on both sides', (t) => {
  const frames = drive(100);
  const { adapt, judge } = splitDrive(frames, selectTriplets(frames).triplets);
  t.is(adapt.at(-1)?.next, 159);
  t.is(judge[0]?.previous, 165);
  t.true(adapt.length > 50 && judge.length > 30);
});

test('of a long drive more is learned from; 300 pictures are judged at most', (t) => {
  const frames = drive(1200);
  const { adapt, judge } = splitDrive(frames, selectTriplets(frames).triplets);
  const [first] = frames;
  t.is((adapt.at(-1)?.next ?? 0) - first.index, 839);
  t.is((judge[0]?.previous ?? 0) - first.index, 900);
});

test('a usable drive is not refused', (t) => {
  t.is(reason(drive(60)), undefined);
});

test('what cannot be learned from is refused with the reason', (t) => {
  const all = (motion: FrameMotion) => drive(60, (i) => (i > 0 ? { motion } : {}));
  t.regex(
    reason(all({ difference: 0.02, parallaxPixels: 0.01, residual: 0.02 })) ?? '',
    /^the camera hardly moves: \d+ of 60/,
  );
  t.regex(
    reason(all({ difference: 0, parallaxPixels: 0, residual: 0 })) ?? '',
    /same again and again.*frozen or looped/,
  );
  t.regex(
    reason(all({ difference: 0.3, residual: 0.2 })) ?? '',
    /^neighbouring pictures do not show the same scene/,
  );
  t.regex(
    reason(drive(60, () => ({ quality: { saturated: 1, detail: 0 } }))) ?? '',
    /^the picture shows nothing/,
  );
  t.regex(
    reason(drive(60, () => ({ quality: { saturated: 0.7, detail: 0.02 } }))) ?? '',
    /black or white: 60 of 60/,
  );
  t.regex(reason(drive(2)) ?? '', /^too short: 2 pictures, expected at least `12`/);
  t.regex(reason(drive(14)) ?? '', /^too short: 6 usable triplets to learn from/);
});

test('of a long drive windows of consecutive images are looked at, spread evenly', (t) => {
  const wanted = evenWindows(1000, 200);
  const taken = Array.from({ length: 1000 }, (_, i) => i).filter(wanted);
  t.is(taken.length, 200);
  t.deepEqual(
    taken.filter((index, i) => index !== (taken[i - 1] ?? -2) + 1),
    [0, 200, 400, 600, 800],
  );
  t.true(evenWindows(50, 200)(49));
});
