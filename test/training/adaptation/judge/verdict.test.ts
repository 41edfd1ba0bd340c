import test from 'ava';
import type { Interval } from '../../../../training/adaptation/judge/bootstrap.js';
import type { DriveFigures } from '../../../../training/adaptation/judge/judge-drive.js';
import type { SourceFigures } from '../../../../training/adaptation/judge/judge-source.js';
import type { TruthFigures } from '../../../../training/adaptation/judge/judge-truth.js';
import {
  decide,
  type GuardFigures,
  type OtherFigures,
  plainlyWrong,
} from '../../../../training/adaptation/judge/verdict.js';

const about = (mean: number, half = 0.01): Interval => ({ mean, low: mean - half, high: mean + half });

const DRIVE: DriveFigures = {
  ...{ triplets: 60, valid: 58, blocks: 9, parallaxPixels: 4, parentError: 0.08, candidateError: 0.077 },
  ...{
    gain: about(0.04),
    gainByThird: [0.05, 0.04, 0.03],
    inconsistencyLoss: about(-0.02),
    invalidPixels: 0,
    spreadRatio: 1.02,
    likeness: 0.98,
  },
  ...{ scale: 1.01, dynamicHoles: about(0.001), dynamicPixels: 9000, stillHoles: about(0.001) },
  dynamicRatio: 1.02,
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
  others: Pick<OtherFigures, 'look' | 'pastLooks' | 'guards' | 'guardsTogether'> = {},
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
  t.deepEqual(
    failing({ gainByThird: [0.09, 0.02, -0.001] }),
    ['rejected', 'better far from what was learned from'],
    'only near by',
  );
  t.deepEqual(failing({ inconsistencyLoss: about(0.08) }), ['rejected', 'consistent over time']);
  t.deepEqual(failing({ spreadRatio: 0.2 }), ['rejected', 'not collapsed']);
  t.deepEqual(failing({ likeness: 0.5 }), ['rejected', 'not collapsed']);
  t.deepEqual(failing({ scale: 1.4 }), ['rejected', 'same scale']);
  t.deepEqual(failing({ dynamicHoles: about(0.2) }), ['rejected', 'no new holes']);
  t.deepEqual(failing({ stillHoles: about(0.2) }), ['rejected', 'no new holes']);
  t.deepEqual(failing({ dynamicRatio: 1.8 }), ['rejected', 'no new holes']);
  t.deepEqual(failing({}, { absRelLoss: about(0.05) }), ['rejected', 'source depth kept']);
  t.deepEqual(failing({}, { meanIouLoss: about(0.04) }), ['rejected', 'source classes kept']);
  t.deepEqual(failing({}, {}, { gain: about(-0.02) }), ['rejected', 'better by the LiDAR']);
});

test('a bound knows the noise of its figure: a loss that is none for sure passes up to a limit', (t) => {
  t.deepEqual(failing({}, { absRelLoss: about(0.03, 0.025) }), ['promoted'], 'may be 0.5 %');
  t.deepEqual(
    failing({}, { absRelLoss: about(0.03, 0.005) }),
    ['rejected', 'source depth kept'],
    '2.5 % for sure, where none may be above 2',
  );
  t.deepEqual(
    failing({}, { absRelLoss: about(0.09, 0.2) }),
    ['rejected', 'source depth kept'],
    'noise is no licence',
  );
  t.deepEqual(failing({ dynamicHoles: about(0.04, 0.02) }), ['promoted']);
  t.deepEqual(failing({ dynamicHoles: about(0.04, 0.005) }), ['rejected', 'no new holes']);
  t.deepEqual(failing({ dynamicHoles: about(0.07, 0.05) }), ['rejected', 'no new holes']);
});

const guard = (drive: Partial<DriveFigures>, truth?: Partial<TruthFigures>): GuardFigures => ({
  name: 'monday',
  drive: { ...DRIVE, gain: about(0), ...drive },
  ...(truth && { truth: { ...TRUTH, ...truth } }),
});
const guarded = (...guards: GuardFigures[]) => failing({}, {}, undefined, { guards });

test('short drives that decide nothing by themselves decide together', (t) => {
  const short = (gain: Interval) => guard({ valid: 4, gain });
  const together = (drive: Partial<DriveFigures>, ...guards: GuardFigures[]) =>
    failing({}, { absRelLoss: about(0.04, 0.017) }, undefined, {
      guards,
      guardsTogether: { ...DRIVE, ...drive },
    });
  const losing = about(-0.02, 0.005);
  // What the simulator may lose depends on whether another drive was asked.
  t.deepEqual(guarded(short(losing), short(losing)), ['promoted'], 'asked one by one they say nothing');
  t.deepEqual(together({ valid: 8, gain: about(0) }, short(losing), short(losing)), ['promoted']);
  t.deepEqual(together({ valid: 8, gain: losing }, short(losing), short(losing)), [
    'rejected',
    'no worse on other drives together',
  ]);
  t.deepEqual(together({ valid: 8, gain: about(0), scale: 1.5 }, short(about(0)), short(about(0))), [
    'rejected',
    'same scale on other drives together',
  ]);
  t.deepEqual(
    together({ valid: 4, gain: losing }, short(losing), short(losing)),
    ['rejected', 'source depth kept'],
    'together they are too few, too: nobody guards',
  );
  t.deepEqual(
    together({ valid: 30, gain: about(0), likeness: 0.5 }, guard({}), guard({})),
    ['promoted'],
    'each was asked whether it is sound',
  );
});

test('a drive learned by heart rejects: another drive gets worse, by its pictures or by its LiDAR', (t) => {
  t.deepEqual(guarded(guard({})), ['promoted'], 'it need not gain');
  t.deepEqual(guarded(guard({ gain: about(-0.004, 0.006) })), ['promoted'], 'not for sure');
  t.deepEqual(guarded(guard({ gain: about(-0.012, 0.002) })), ['rejected', 'no worse on monday']);
  t.deepEqual(guarded(guard({ gain: about(-0.04, 0.08) })), ['rejected', 'no worse on monday']);
  t.deepEqual(guarded(guard({}), guard({ scale: 1.5 })), ['rejected', 'same scale on monday']);
  t.deepEqual(guarded(guard({ dynamicHoles: about(0.3) })), ['rejected', 'no new holes on monday']);
  t.deepEqual(guarded(guard({ gainByThird: [-1, -1, -1] })), ['promoted'], 'nothing of it was learned from');
  t.deepEqual(guarded(guard({}, { gain: about(-0.06, 0.02) })), [
    'rejected',
    'no worse by the LiDAR on monday',
  ]);
  t.deepEqual(guarded(guard({}, { gain: about(-0.06, 0.02), frames: 3 })), ['promoted']);
});

test('without another drive to ask, the looks stand for other places, with tighter bounds', (t) => {
  const look: SourceFigures = { ...SOURCE, absRelLoss: about(0.029, 0.025) };
  t.deepEqual(failing({}, {}, undefined, { look }), ['rejected', "other places in the drive's look"]);
  t.deepEqual(failing({}, {}, undefined, { look, guards: [guard({})] }), ['promoted']);
  t.deepEqual(
    failing({}, {}, undefined, { look, guards: [guard({ valid: 2 })] }),
    ['rejected', "other places in the drive's look"],
    'a guard that says nothing is none',
  );
});

test('a guard that says too little does not decide, but a broken model shows on it', (t) => {
  t.deepEqual(guarded(guard({ valid: 2, gain: about(-0.5) })), ['promoted']);
  t.deepEqual(guarded(guard({ valid: 0, invalidPixels: 9 })), ['rejected', 'finite on monday']);
});

test('simulator samples guard against collapse in every look', (t) => {
  const source = (loss: Interval): SourceFigures => ({ ...SOURCE, absRelLoss: loss });
  const looks = (look: Interval, pastLooks = about(0)) =>
    failing({}, {}, undefined, { look: source(look), pastLooks: source(pastLooks) });
  t.deepEqual(looks(about(-0.05)), ['promoted']);
  t.deepEqual(looks(about(0.3)), ['rejected', "other places in the drive's look"]);
  t.deepEqual(looks(about(0), about(0.3)), ['rejected', 'looks of past drives']);
});

test('a glance refuses only what is plainly wrong', (t) => {
  const names = (drive: Partial<DriveFigures>) =>
    plainlyWrong({ ...DRIVE, ...drive }).map(({ name }) => name);
  t.deepEqual(names({}), []);
  t.deepEqual(names({ gain: about(-0.005) }), [], 'twelve triplets may mislead');
  t.deepEqual(names({ gain: about(-0.05) }), ['better']);
  t.deepEqual(names({ likeness: 0.3, invalidPixels: 1 }), ['finite', 'not collapsed']);
  t.deepEqual(names({ valid: 0, gain: about(Number.NaN) }), []);
});

test('figures that are not numbers reject', (t) => {
  t.deepEqual(failing({ scale: Number.NaN }), ['rejected', 'same scale']);
  t.deepEqual(failing({ gain: about(Number.NaN) }), ['rejected', 'better']);
});

test('too few triplets are undecided, unless something is plainly wrong', (t) => {
  t.deepEqual(failing({ valid: 5, blocks: 5 }), ['undecided', 'enough evidence']);
  t.deepEqual(failing({ valid: 5, invalidPixels: 7 }), ['rejected', 'enough evidence', 'finite']);
});

test('a gain by the LiDAR that only scaling makes is none: unscaled it must not be a loss for sure', (t) => {
  t.deepEqual(failing({}, {}, { gainUnscaled: about(-0.2) }), ['rejected', 'better by the LiDAR']);
  t.deepEqual(failing({}, {}, { gainUnscaled: about(-0.011) }), ['rejected', 'better by the LiDAR']);
  t.deepEqual(failing({}, {}, { gainUnscaled: about(-0.009) }), ['promoted'], 'it may be none');
});

test('a LiDAR with too few frames does not decide', (t) => {
  t.deepEqual(failing({}, {}, { frames: 3, gain: about(-0.5) }), ['promoted']);
});

test('where metres were measured they count, not those of the parent', (t) => {
  const measured = (parent: number, candidate: number, triplets = 20) => ({
    metres: { way: { triplets, parent, candidate } },
  });
  const name = 'metres by the way that the vehicle measured';
  t.deepEqual(failing({ scale: 1.3, ...measured(0.75, 0.98) }), ['promoted'], 'the parent had it wrong');
  t.deepEqual(failing({ scale: 1.1, ...measured(0.98, 1.08) }), ['rejected', name]);
  t.deepEqual(failing({ scale: 0.97, ...measured(1, 0.97) }), ['promoted'], 'within 5 % is as good as none');
  t.deepEqual(
    failing({ scale: 1.3, ...measured(0.75, 0.98, 5) }),
    ['rejected', 'same scale'],
    'too few to say',
  );
  const height = { triplets: 9, parent: 1, candidate: 0.9, by: 'depth' } as const;
  t.deepEqual(failing({ metres: { height } }), ['rejected', 'metres by the height of the camera']);
});

test('a camera that rises and sinks along the drive more than with the parent rejects', (t) => {
  const spread = (candidate: number) => ({
    metres: { heightSpread: { triplets: 9, parent: 0.04, candidate } },
  });
  t.deepEqual(failing(spread(0.075)), ['promoted']);
  t.deepEqual(failing(spread(0.09)), ['rejected', 'one camera height']);
});
