import test from 'ava';
import { judgeTruth, type TruthFrame } from '../../../../training/adaptation/judge/judge-truth.js';

/** Three measured pixels of a picture of four. */
const TRUTH = {
  ...{ width: 4, height: 1 },
  columns: Uint16Array.of(0, 1, 3),
  rows: Uint16Array.of(0, 0, 0),
  depthMeters: Float32Array.of(10, 20, 40),
};
const FRAME: TruthFrame = {
  truth: TRUTH,
  // Half as far again; scaled by its median the last one is wrong by half.
  parentDepth: Float32Array.of(15, 30, 7, 90),
  // Right but for the last one, by a quarter.
  candidateDepth: Float32Array.of(10, 20, 7, 50),
};

async function* framesOf(...frames: TruthFrame[]) {
  yield* frames;
}

const near = (a: number | undefined, b: number) => Math.abs((a ?? Number.NaN) - b) < 1e-6;

test('gains are told of depth scaled by each median, and of depth as it is, up to the cap of 80 m', async (t) => {
  const figures = await judgeTruth(framesOf(FRAME, FRAME));
  t.is(figures?.frames, 2);
  t.true(near(figures?.parentAbsRel, 0.5 / 3) && near(figures?.candidateAbsRel, 0.25 / 3));
  t.true(near(figures?.gain.mean, 0.5));
  // Unscaled: the parent is wrong by 1/2, 1/2 and, at the cap, 1.
  t.true(near(figures?.gainUnscaled.mean, 1 - 0.25 / 2));
});

test('a candidate that is right but for its scale gains nothing unscaled', async (t) => {
  const parentDepth = FRAME.candidateDepth;
  const candidateDepth = Float32Array.of(20, 40, 7, 80);
  const figures = await judgeTruth(framesOf({ truth: TRUTH, parentDepth, candidateDepth }));
  t.true(near(figures?.gain.mean, 1), 'scaled by a half it is the truth');
  t.true((figures?.gainUnscaled.mean ?? 0) < -5);
});

test('frames without measured depth do not count, and without any there are no figures', async (t) => {
  const none = {
    ...TRUTH,
    columns: new Uint16Array(),
    rows: new Uint16Array(),
    depthMeters: new Float32Array(),
  };
  t.is(await judgeTruth(framesOf({ ...FRAME, truth: none })), undefined);
  t.is((await judgeTruth(framesOf({ ...FRAME, truth: none }, FRAME)))?.frames, 1);
});
