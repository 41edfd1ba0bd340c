import type { Interval } from './bootstrap.js';
import { bounded, type Check, check, interval, isWithin, negated, percent, within } from './check.js';
import type { DriveFigures } from './judge-drive.js';
import type { PictureFigures } from './judge-pictures.js';
import type { SourceFigures } from './judge-source.js';
import type { TruthFigures } from './judge-truth.js';
import { type Bound, LIMITS } from './limits.js';

export interface Verdict {
  /** Anything but `promoted` keeps the parent. */
  readonly verdict: 'promoted' | 'rejected' | 'undecided';
  /** What decided: the checks that failed or are open; why it was promoted otherwise. */
  readonly reasons: readonly string[];
  readonly checks: readonly Check[];
}

/**
 * Of how the judge computes its figures and asks its questions. Grows when one of them gets another meaning, so that verdicts
 * can be told apart. 2: losses on labelled samples are geometric means (`errorGrowth`), before ratios of the means. 3: other
 * real drives are asked, the simulator only guards against collapse, bounds know the noise of their figures. 4: metres that
 * the vehicle's speed and the height of its camera tell. 5: a known height tells them by the motion of the road, not by the
 * model's depth of it. Several guards are asked together, too. Runs of neighbouring triplets and thirds are those of each
 * drive.
 * 6: labels are judged by shares of pixels, too.
 */
export const JUDGE_VERSION = 6;

/** The checks that say why a candidate is promoted. */
const GAINS: ReadonlySet<string> = new Set(['better', 'better labels']);

/** Another real drive. */
export interface GuardFigures {
  readonly name: string;
  readonly drive: DriveFigures;
  readonly truth?: TruthFigures;
}

/** What is judged beside the drive's pictures, where there is something to judge by. */
export interface OtherFigures {
  readonly source?: SourceFigures | undefined;
  /** Source samples in the look of the drive, and of past drives. */
  readonly look?: SourceFigures | undefined;
  readonly pastLooks?: SourceFigures | undefined;
  readonly truth?: TruthFigures | undefined;
  readonly guards?: readonly GuardFigures[] | undefined;
  /** All of them, where there are several: short drives, of which none decides by itself, say something together. */
  readonly guardsTogether?: DriveFigures | undefined;
}

/** Whether a drive moves enough to be judged by. */
export function isMoving({ valid, blocks }: Pick<DriveFigures, 'valid' | 'blocks'>): boolean {
  return valid >= LIMITS.leastTriplets && blocks >= LIMITS.leastBlocks;
}

/**
 * Of a drive that does not move: single pictures tell whether a candidate is sound, and only measured depth whether it is
 * better. Without it the answer stays open, whatever the pictures look like.
 */
export function decideByPictures(
  pictures: PictureFigures,
  others: OtherFigures,
  labels: readonly Check[] = [],
): Verdict {
  const { truth } = others;
  const frames = truth?.frames ?? 0;
  const enough = pictures.pictures >= LIMITS.leastPictures && frames >= LIMITS.leastTruthFrames;
  const { agreement } = pictures;
  const checks: Check[] = [
    {
      name: 'enough evidence',
      answer: enough ? 'passed' : 'open',
      finding:
        `the camera does not move: ${pictures.pictures} pictures tell whether a model is sound, not whether it is better; ` +
        `expected a LiDAR that measures at least \`${LIMITS.leastTruthFrames}\` of them, got ${frames}`,
    },
    ...soundPictures(pictures),
    check(
      'same classes',
      agreement >= LIMITS.leastAgreement,
      `${percent(agreement)} of the pixels keep their class, expected \`${percent(LIMITS.leastAgreement)}\``,
    ),
    ...(enough && truth !== undefined ? measuredGain(truth) : []),
    ...otherChecks(others),
    ...labels,
  ];
  return verdictOf(checks);
}

/** What depth of a sound model looks like in single pictures. */
export function soundPictures(pictures: PictureFigures): Check[] {
  const { spreadRatio, likeness, invalidPixels, scale, holes, mirrorLoss } = pictures;
  return [
    check('finite', invalidPixels === 0, `${invalidPixels} pixels are NaN or not positive`),
    collapse({ spreadRatio, likeness }),
    check(
      'same scale',
      within(scale, LIMITS.scale),
      `${scale.toFixed(3)} of the parent's, expected \`${LIMITS.scale.join('..')}\``,
    ),
    bounded('no new holes', 'pixels without depth', holes, LIMITS.stillHoles),
    bounded('the same in the mirror', 'disagreement with it', mirrorLoss, LIMITS.mirrorLoss),
  ];
}

function measuredGain({ gain, gainUnscaled, frames }: TruthFigures): Check[] {
  const passed = gain.low > 0 && gain.mean >= LIMITS.leastGain && gainUnscaled.high > 0;
  const finding = `AbsRel by the LiDAR ${loss(gain)}, unscaled ${percent(-gainUnscaled.mean)}, over ${frames} frames`;
  return [check('better', passed, finding)];
}

/** Every figure decides by itself; all have to agree. @param labels checks of them, where they are asked. */
export function decide(drive: DriveFigures, others: OtherFigures, labels: readonly Check[] = []): Verdict {
  const { truth } = others;
  const enough = isMoving(drive);
  const checks: Check[] = [
    {
      name: 'enough evidence',
      answer: enough ? 'passed' : 'open',
      finding: `${drive.valid} of ${drive.triplets} triplets say something, expected \`${LIMITS.leastTriplets}\``,
    },
    finiteDrive(drive),
  ];
  if (enough) checks.push(...gainChecks(drive, truth), ...soundChecks(drive));
  return verdictOf([...checks, ...otherChecks(others), ...labels]);
}

/** What is asked besides the drive: the source, its look, earlier drives, and guards. */
export function otherChecks({ source, look, pastLooks, guards = [], guardsTogether }: OtherFigures): Check[] {
  const checks = guards.flatMap((guard) => guardChecks(guard));
  const telling = guards.filter(isTelling);
  const together =
    guardsTogether !== undefined && isTelling({ drive: guardsTogether }) ? guardsTogether : undefined;
  if (together !== undefined) {
    const of = ' on other drives together';
    checks.push(noWorse(together, of));
    // Where each drive is asked by itself, it was asked this, too.
    if (telling.length < guards.length) checks.push(...soundChecks(together, of));
  }
  const isGuarded = telling.length > 0 || together !== undefined;
  const { sourceLoss, lookLoss } = isGuarded ? LIMITS.guarded : LIMITS.alone;
  if (source !== undefined) checks.push(...sourceChecks(source, sourceLoss));
  if (look !== undefined) checks.push(depthCheck("other places in the drive's look", look, lookLoss));
  if (pastLooks !== undefined) checks.push(depthCheck('looks of past drives', pastLooks, lookLoss));
  return checks;
}

/** The verdict of checks: one that failed rejects, one that is open leaves it undecided. */
export function verdictOf(checks: readonly Check[]): Verdict {
  const failed = checks.filter(({ answer }) => answer === 'failed');
  const open = checks.filter(({ answer }) => answer === 'open');
  const text = ({ name, finding }: Check) => `${name}: ${finding}`;
  if (failed.length > 0) return { verdict: 'rejected', reasons: failed.map(text), checks };
  if (open.length > 0) return { verdict: 'undecided', reasons: open.map(text), checks };
  return { verdict: 'promoted', reasons: checks.filter(({ name }) => GAINS.has(name)).map(text), checks };
}

/**
 * Of a candidate that may be better in several ways, each asked with what must not get worse: one of them is enough.
 * @param verdicts at least one.
 */
export function eitherVerdict(verdicts: readonly Verdict[]): Verdict {
  const unique = <T>(items: readonly T[], key: (item: T) => string) =>
    items.filter((item, i) => items.findIndex((other) => key(other) === key(item)) === i);
  const promoted = verdicts.filter(({ verdict }) => verdict === 'promoted');
  const telling = verdicts.filter(({ verdict }) => verdict !== 'undecided');
  const counted = promoted.length > 0 ? promoted : telling.length > 0 ? telling : verdicts;
  return {
    verdict: counted[0].verdict,
    reasons: unique(
      counted.flatMap(({ reasons }) => reasons),
      (reason) => reason,
    ),
    checks: unique(
      verdicts.flatMap(({ checks }) => checks),
      ({ name }) => name,
    ),
  };
}

/** What a few pictures show already: checks that fail by far more than a few pictures can mislead. */
export function plainlyWrong(drive: DriveFigures): readonly Check[] {
  if (drive.valid === 0) return [];
  const { mean, high } = drive.gain;
  return [
    finiteDrive(drive),
    check('better', mean > 0 || high > 0, `photometric error ${percent(-mean)} at a glance`),
    collapse(drive),
  ].filter(({ answer }) => answer === 'failed');
}

/** What is plainly wrong with a candidate whatever it may gain. */
export function plainlyBroken(drive: DriveFigures): readonly Check[] {
  if (drive.valid === 0) return [];
  return [finiteDrive(drive), collapse(drive)].filter(({ answer }) => answer === 'failed');
}

function gainChecks(drive: DriveFigures, truth: TruthFigures | undefined): Check[] {
  const measured = truth !== undefined && truth.frames >= LIMITS.leastTruthFrames ? truth : undefined;
  const far = drive.gainByThird[drive.gainByThird.length - 1];
  return [
    check(
      'better',
      drive.gain.low > 0 && drive.gain.mean >= LIMITS.leastGain,
      `photometric error ${loss(drive.gain)} of ${drive.parentError.toFixed(4)}`,
    ),
    check(
      'better far from what was learned from',
      -far <= LIMITS.mostFarLoss,
      `photometric error ${drive.gainByThird.map((gain) => percent(-gain)).join(', ')} over the thirds of the judged part`,
    ),
    ...(measured === undefined ? [] : truthChecks(measured)),
  ];
}

/** What a sound model does on any drive, whatever it gains there. */
export function soundChecks(drive: DriveFigures, of = ''): Check[] {
  const { dynamicHoles, stillHoles, dynamicRatio, dynamicPixels } = drive;
  return [
    bounded(
      `consistent over time${of}`,
      'disagreement of neighbouring frames',
      drive.inconsistencyLoss,
      LIMITS.inconsistencyLoss,
    ),
    collapse(drive, of),
    ...scaleChecks(drive, of),
    check(
      `no new holes${of}`,
      isWithin(dynamicHoles, LIMITS.dynamicHoles) &&
        isWithin(stillHoles, LIMITS.stillHoles) &&
        within(dynamicRatio, LIMITS.dynamicRatio),
      `${interval(dynamicHoles)} of ${dynamicPixels} pixels on dynamic classes, ${interval(stillHoles)} elsewhere, ` +
        `dynamic classes ${dynamicRatio.toFixed(2)} times as far`,
    ),
  ];
}

/** Where something measured metres they count; where nothing did, the parent's. */
function scaleChecks({ scale, metres }: DriveFigures, of: string): Check[] {
  const checks: Check[] = [];
  for (const [figure, what] of [
    [metres?.way, 'metres by the way that the vehicle measured'],
    [metres?.height, 'metres by the height of the camera'],
  ] as const) {
    if (figure === undefined || figure.triplets < LIMITS.leastMetreTriplets) continue;
    const [before, after] = [figure.parent, figure.candidate].map((ratio) => Math.abs(Math.log(ratio)));
    const range = 'interval' in figure ? figure.interval : undefined;
    const known = range === undefined ? '' : ` (95 % ${range.low.toFixed(3)} to ${range.high.toFixed(3)})`;
    checks.push(
      check(
        `${what}${of}`,
        after <= Math.max(before, LIMITS.scaleError),
        `${figure.candidate.toFixed(3)}${known} of the true ones, the parent's ${figure.parent.toFixed(3)}`,
      ),
    );
  }
  if (checks.length === 0) {
    checks.push(
      check(
        `same scale${of}`,
        within(scale, LIMITS.scale),
        `${scale.toFixed(3)} of the parent's, expected \`${LIMITS.scale.join('..')}\``,
      ),
    );
  }
  const spread = metres?.heightSpread;
  if (spread !== undefined && spread.triplets >= LIMITS.leastMetreTriplets) {
    const most = LIMITS.heightSpread.times * spread.parent + LIMITS.heightSpread.more;
    checks.push(
      check(
        `one camera height${of}`,
        spread.candidate <= most,
        `it changes by ${percent(spread.candidate)} along the drive, the parent's by ${percent(spread.parent)}, at most \`${percent(most)}\``,
      ),
    );
  }
  return checks;
}

/** Whether every depth of the drive is a finite positive number. */
export function finiteDrive({ invalidPixels }: DriveFigures, of = ''): Check {
  return check(`finite${of}`, invalidPixels === 0, `${invalidPixels} pixels are NaN or not positive`);
}

function collapse({ spreadRatio, likeness }: Pick<DriveFigures, 'spreadRatio' | 'likeness'>, of = ''): Check {
  return check(
    `not collapsed${of}`,
    within(spreadRatio, LIMITS.spreadRatio) && likeness >= LIMITS.leastLikeness,
    `spread of depth ${spreadRatio.toFixed(2)} of the parent's, correlation with it ${likeness.toFixed(3)}`,
  );
}

function truthChecks({ gain, gainUnscaled, frames }: TruthFigures): Check[] {
  return [
    check(
      'better by the LiDAR',
      gain.low > 0 && gainUnscaled.high > 0,
      `AbsRel ${loss(gain)}, unscaled ${percent(-gainUnscaled.mean)}, over ${frames} frames`,
    ),
  ];
}

function isTelling({ drive }: Pick<GuardFigures, 'drive'>): boolean {
  return drive.valid >= LIMITS.leastGuardTriplets;
}

function noWorse({ gain }: DriveFigures, of: string): Check {
  return bounded(`no worse${of}`, 'photometric error', negated(gain), LIMITS.guardLoss);
}

/** A drive that nobody learned from need not gain, but has no business losing. */
function guardChecks({ name, drive, truth }: GuardFigures): Check[] {
  const of = ` on ${name}`;
  const checks = [finiteDrive(drive, of)];
  if (isTelling({ drive })) {
    checks.push(noWorse(drive, of), ...soundChecks(drive, of));
  }
  if (truth !== undefined && truth.frames >= LIMITS.leastTruthFrames) {
    checks.push(bounded(`no worse by the LiDAR${of}`, 'AbsRel', negated(truth.gain), LIMITS.guardTruthLoss));
  }
  return checks;
}

function sourceChecks(source: SourceFigures, sourceLoss: Bound): Check[] {
  const { meanIouLoss, parent } = source;
  return [
    depthCheck('source depth kept', source, sourceLoss),
    bounded(
      'source classes kept',
      `mIoU of ${percent(parent.meanIou)}, points lost`,
      meanIouLoss,
      LIMITS.meanIouLoss,
    ),
  ];
}

/** AbsRel on labelled samples. */
function depthCheck(name: string, { absRelLoss, parent, samples }: SourceFigures, bound: Bound): Check {
  return bounded(name, `AbsRel of ${parent.absRel.toFixed(3)} over ${samples} samples`, absRelLoss, bound);
}

/** A gain, told as what became of the error. */
function loss(gain: Interval): string {
  return interval(negated(gain));
}
