import test from 'ava';
import type { Interval } from '../../../../../training/adaptation/judge/bootstrap.js';
import { type DriveFigures, driveFigures } from '../../../../../training/adaptation/judge/judge-drive.js';
import type { LabelFigures } from '../../../../../training/adaptation/judge/labels/label-figures.js';
import { decideLabels, keptLabels } from '../../../../../training/adaptation/judge/labels/label-verdict.js';
import {
  decide,
  eitherVerdict,
  type OtherFigures,
} from '../../../../../training/adaptation/judge/verdict.js';

const about = (mean: number, half = 0.001): Interval => ({ mean, low: mean - half, high: mean + half });

const LABELS: LabelFigures = {
  ...{ pictures: 24, placed: 24, changed: 0.05, parentPlace: 1 },
  ...{ placeGain: about(0.01), mirrorGain: about(0.01), timeGain: about(0.02) },
  ...{ mirrorPixels: about(0), timePixels: about(0) },
};
/** Agree in more pixels, while small classes agree less as far as anyone can tell. */
const STEADIER: Partial<LabelFigures> = {
  ...{ mirrorPixels: about(0.012, 0.004), timePixels: about(0.014, 0.006) },
  ...{ mirrorGain: about(-0.007, 0.014), timeGain: about(-0.012, 0.016) },
};
const DRIVE: DriveFigures = {
  ...{ ...driveFigures([], 1), triplets: 60, valid: 58, blocks: 9, parentError: 0.08, candidateError: 0.08 },
  ...{ gain: about(0), gainByThird: [0, 0, 0], inconsistencyLoss: about(0), spreadRatio: 1, likeness: 1 },
  ...{ scale: 1, dynamicHoles: about(0), dynamicPixels: 9000, stillHoles: about(0), dynamicRatio: 1 },
};
const QUALITY = { absRel: 0.2, absRelMedianScaled: 0.19, meanIou: 0.4 };
const SAMPLES = {
  ...{ samples: 48, parent: QUALITY, candidate: QUALITY, absRelLoss: about(0), meanIouLoss: about(0) },
};

const failing = (
  labels: Partial<LabelFigures>,
  drive: Partial<DriveFigures> = {},
  others: OtherFigures = {},
  guard?: Partial<LabelFigures>,
) => {
  const { verdict, checks } = decideLabels({
    labels: { ...LABELS, ...labels },
    guards: guard === undefined ? [] : [{ name: 'monday', labels: { ...LABELS, ...guard } }],
    ...{ drive: { ...DRIVE, ...drive }, pictures: undefined },
    others: { source: SAMPLES, look: SAMPLES, ...others },
  });
  return [verdict, ...checks.filter(({ answer }) => answer !== 'passed').map(({ name }) => name)];
};

test('labels that agree more over time, with depth as it was, are promoted', (t) => {
  t.deepEqual(failing({}), ['promoted']);
});

test('every single bad figure rejects, and is named', (t) => {
  t.deepEqual(failing({ timeGain: about(0.002) }), ['rejected', 'better labels'], 'real but too small');
  t.deepEqual(failing({ timeGain: about(0.02, 0.03) }), ['rejected', 'better labels'], 'not for sure');
  t.deepEqual(failing({ timeGain: about(-0.02) }), [
    ...['rejected', 'better labels', 'labels the same over time'],
  ]);
  t.deepEqual(failing({ mirrorGain: about(0.001) }), ['rejected', 'better labels'], 'over time alone');
  t.deepEqual(failing({ mirrorGain: about(-0.02) }), [
    ...['rejected', 'better labels', 'labels the same in the mirror'],
  ]);
  t.deepEqual(failing({ placeGain: about(-0.1) }), ['rejected', 'classes where they belong']);
  t.deepEqual(failing({}, {}, {}, { placeGain: about(-0.1) }), [
    ...['rejected', 'classes where they belong on monday'],
  ]);
  t.deepEqual(failing({}, { gain: about(-0.02) }), ['rejected', 'depth no worse']);
  t.deepEqual(failing({}, { invalidPixels: 1 }), ['rejected', 'finite']);
  t.deepEqual(failing({}, { spreadRatio: 0.2 }), ['rejected', 'not collapsed']);
  const forgetful = { ...SAMPLES, meanIouLoss: about(0.05) };
  t.deepEqual(failing({}, {}, { source: forgetful }), ['rejected', 'source classes kept']);
  t.deepEqual(failing({}, {}, { look: forgetful }), [
    ...['rejected', "classes of other places in the drive's look"],
  ]);
});

test('labels that agree in more pixels are promoted where samples in the look of the drive say so, too', (t) => {
  const look = (loss: Interval) => ({ look: { ...SAMPLES, meanIouLoss: loss } });
  const gained = look(about(-0.005, 0.004));
  t.deepEqual(failing(STEADIER, {}, gained), ['promoted']);
  const alone = ['rejected', 'better labels', 'labels the same over time'];
  t.deepEqual(failing(STEADIER), alone, 'samples say nothing');
  t.deepEqual(failing(STEADIER, {}, look(about(-0.003, 0.005))), alone, 'samples not for sure');
  t.deepEqual(failing({ ...STEADIER, mirrorPixels: about(-0.002) }, {}, gained), alone);
  t.deepEqual(failing({ ...STEADIER, timePixels: about(0.004) }, {}, gained), alone, 'too small');
  t.deepEqual(failing({ ...STEADIER, mirrorGain: about(-0.02, 0.01) }, {}, gained), [
    ...['rejected', 'labels the same in the mirror'],
  ]);
  t.deepEqual(failing({ ...STEADIER, placeGain: about(-0.1) }, {}, gained), [
    ...['rejected', 'classes where they belong'],
  ]);
});

test('labels that agree more by a bias are worse on samples in the look of the drive', (t) => {
  const look = { ...SAMPLES, meanIouLoss: about(0.0026, 0.0015) };
  t.deepEqual(failing({}, {}, { look }), [...['rejected', "classes of other places in the drive's look"]]);
});

test('figures that are not numbers reject', (t) => {
  t.is(failing({ timeGain: about(Number.NaN) })[0], 'rejected');
  t.is(failing({ placeGain: about(Number.NaN) })[0], 'rejected');
});

test('where no road is found under the camera nothing is decided', (t) => {
  t.deepEqual(failing({ placed: 3 }), ['undecided', 'enough evidence for labels']);
});

test('of a candidate that may gain in two ways one is enough, if it keeps the other', (t) => {
  const labels = decideLabels({
    ...{ labels: LABELS, guards: [], drive: DRIVE, pictures: undefined, others: {} },
  });
  const depth = decide(DRIVE, {}, keptLabels(LABELS, []));
  t.is(depth.verdict, 'rejected', 'depth is as it was');
  t.is(eitherVerdict([depth, labels]).verdict, 'promoted');
  t.regex(eitherVerdict([depth, labels]).reasons.join(), /^better labels: /);
  const better = { ...DRIVE, gain: about(0.04), gainByThird: [0.04, 0.04, 0.04] };
  t.is(decide(better, {}, keptLabels(LABELS, [])).verdict, 'promoted');
  const swapped = { ...LABELS, placeGain: about(-0.1) };
  const spoiled = decide(better, {}, keptLabels(swapped, []));
  t.is(spoiled.verdict, 'rejected', 'depth does not pay for labels');
  t.regex(spoiled.reasons.join(), /^classes where they belong: /);
});
