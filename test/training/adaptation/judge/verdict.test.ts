import test from 'ava';
import type { Interval } from '../../../../training/adaptation/judge/bootstrap.js';
import type { DriveFigures } from '../../../../training/adaptation/judge/judge-drive.js';
import type { SourceFigures } from '../../../../training/adaptation/judge/judge-source.js';
import type { TruthFigures } from '../../../../training/adaptation/judge/judge-truth.js';
import { decide, type OtherFigures } from '../../../../training/adaptation/judge/verdict.js';

const about = (mean: number, half = 0.01): Interval => ({ mean, low: mean - half, high: mean + half });

const DRIVE: DriveFigures = {
  ...{ triplets: 60, valid: 58, blocks: 9, parallaxPixels: 4, parentError: 0.08, candidateError: 0.077 },
  ...{
    gain: about(0.04),
    inconsistencyLoss: about(-0.02),
    invalidPixels: 0,
    spreadRatio: 1.02,
    likeness: 0.98,
  },
  ...{ scale: 1.01, dynamicHoles: 0.001, dynamicPixels: 9000, stillHoles: 0.001, dynamicRatio: 1.02 },
};
const QUALITY = { absRel: 0.2, absRelMedianScaled: 0.19, meanIou: 0.4 };
const SOURCE: SourceFigures = {
  ...{ samples: 48, parent: QUALITY, candidate: QUALITY, absRelLoss: about(0), meanIouLoss: about(0) },
};
const TRUTH: TruthFigures = {
  ...{ frames: 30, parentAbsRel: 0.2, candidateAbsRel: 0.18, gain: about(0.1), gainUnscaled: about(0.1) },
};

const failing = (
  drive: Partial<DriveFigures>,
  source: Partial<SourceFigures> = {},
  truth?: Partial<TruthFigures>,
  others: Pick<OtherFigures, 'look' | 'pastLooks'> = {},
) => {
  const { verdict, checks } = decide(
    { ...DRIVE, ...drive },
    { source: { ...SOURCE, ...source }, ...others, truth: truth && { ...TRUTH, ...truth } },
  );
  return [verdict, ...checks.filter(({ answer }) => answer !== 'passed').map(({ name }) => name)];
};

test('good figures promote', (t) => {
  t.deepEqual(failing({}), ['promoted']);
  t.deepEqual(failing({}, {}, {}), ['promoted']);
  t.regex(
    decide(DRIVE, { source: SOURCE }).reasons.join(),
    /photometric error -4\.00 % \(95 % -5\.00 % to -3\.00 %\)/,
  );
});

test('every single bad figure rejects, and is named', (t) => {
  t.deepEqual(failing({ gain: about(0.005) }), ['rejected', 'better']);
  t.deepEqual(failing({ gain: about(0.002, 0.001) }), ['rejected', 'better'], 'real but too small');
  t.deepEqual(failing({ invalidPixels: 1 }), ['rejected', 'finite']);
  t.deepEqual(failing({ inconsistencyLoss: about(0.08) }), ['rejected', 'consistent over time']);
  t.deepEqual(failing({ spreadRatio: 0.2 }), ['rejected', 'not collapsed']);
  t.deepEqual(failing({ likeness: 0.5 }), ['rejected', 'not collapsed']);
  t.deepEqual(failing({ scale: 1.4 }), ['rejected', 'same scale']);
  t.deepEqual(failing({ dynamicHoles: 0.2 }), ['rejected', 'no new holes']);
  t.deepEqual(failing({ stillHoles: 0.2 }), ['rejected', 'no new holes']);
  t.deepEqual(failing({ dynamicRatio: 1.8 }), ['rejected', 'no new holes']);
  t.deepEqual(failing({}, { absRelLoss: about(0.05) }), ['rejected', 'source depth kept']);
  t.deepEqual(
    failing({}, { absRelLoss: about(0.01, 0.08) }),
    ['rejected', 'source depth kept'],
    'may be large',
  );
  t.deepEqual(failing({}, { meanIouLoss: about(0.04) }), ['rejected', 'source classes kept']);
  t.deepEqual(failing({}, {}, { gain: about(-0.02) }), ['rejected', 'better by the LiDAR']);
});

test('a drive learned by heart rejects: labelled samples in its look, or in that of past drives, get worse', (t) => {
  const source = (loss: Interval): SourceFigures => ({ ...SOURCE, absRelLoss: loss });
  const looks = (look: Interval, pastLooks = about(0)) =>
    failing({}, {}, undefined, { look: source(look), pastLooks: source(pastLooks) });
  t.deepEqual(looks(about(-0.05)), ['promoted']);
  t.deepEqual(looks(about(0.02)), ['rejected', "other places in the drive's look"]);
  t.deepEqual(looks(about(0, 0.06)), ['rejected', "other places in the drive's look"], 'may be large');
  t.deepEqual(looks(about(0), about(0.02)), ['promoted']);
  t.deepEqual(looks(about(0), about(0.04)), ['rejected', 'looks of past drives']);
});

test('figures that are not numbers reject', (t) => {
  t.deepEqual(failing({ scale: Number.NaN }), ['rejected', 'same scale']);
  t.deepEqual(failing({ gain: about(Number.NaN) }), ['rejected', 'better']);
});

test('too few triplets are undecided, unless something is plainly wrong', (t) => {
  t.deepEqual(failing({ valid: 5, blocks: 5 }), ['undecided', 'enough evidence']);
  t.deepEqual(failing({ valid: 5, invalidPixels: 7 }), ['rejected', 'enough evidence', 'finite']);
});

test('a LiDAR with too few frames does not decide', (t) => {
  t.deepEqual(failing({}, {}, { frames: 3, gain: about(-0.5) }), ['promoted']);
});
