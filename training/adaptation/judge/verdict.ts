import type { Interval } from './bootstrap.js';
import type { DriveFigures } from './judge-drive.js';
import type { SourceFigures } from './judge-source.js';
import type { TruthFigures } from './judge-truth.js';

/** One question of the judge and its answer. */
export interface Check {
  readonly name: string;
  /** `open`: the figures do not tell. */
  readonly answer: 'passed' | 'failed' | 'open';
  /** The figure beside its limit, for people. */
  readonly finding: string;
}

export interface Verdict {
  /** Anything but `promoted` keeps the parent. */
  readonly verdict: 'promoted' | 'rejected' | 'undecided';
  /** What decided: the checks that failed or are open; why it was promoted otherwise. */
  readonly reasons: readonly string[];
  readonly checks: readonly Check[];
}

/**
 * Of how the judge computes its figures; grows when one of them gets another meaning, so that verdicts by the same bounds can
 * be told apart. 2: losses on labelled samples are geometric means (`errorGrowth`), before ratios of the means.
 */
export const JUDGE_VERSION = 2;

/** Bounds of the judge, fixed before its proof (docs/adaptation.md). */
export const LIMITS = {
  leastTriplets: 12,
  leastBlocks: 3,
  /** Of the photometric error; below, a gain may be real but is not worth a new model. */
  leastGain: 0.0025,
  mostInconsistencyLoss: 0.05,
  spreadRatio: [0.6, 1.6],
  leastLikeness: 0.8,
  scale: [0.85, 1.18],
  mostDynamicHoles: 0.03,
  mostStillHoles: 0.01,
  dynamicRatio: [0.75, 1.3],
  /** Of AbsRel on source samples: the mean, and the upper end of its interval. */
  mostSourceLoss: 0.03,
  mostSourceLossHigh: 0.06,
  mostMeanIouLoss: 0.02,
  /** Of AbsRel on source samples in the drive's look. */
  mostLookLoss: 0.01,
  mostLookLossHigh: 0.05,
  /** The same in the looks of past drives. */
  mostPastLoss: 0.03,
  mostPastLossHigh: 0.06,
  /** Frames with measured depth from which on that decides. */
  leastTruthFrames: 8,
} as const;

/** What is judged beside the drive's pictures, where there is something to judge by. */
export interface OtherFigures {
  readonly source?: SourceFigures | undefined;
  /** Source samples in the look of the drive, and of past drives. */
  readonly look?: SourceFigures | undefined;
  readonly pastLooks?: SourceFigures | undefined;
  readonly truth?: TruthFigures | undefined;
}

/** Every figure decides by itself; all have to agree. */
export function decide(drive: DriveFigures, others: OtherFigures): Verdict {
  const { source, look, pastLooks, truth } = others;
  const enough = drive.valid >= LIMITS.leastTriplets && drive.blocks >= LIMITS.leastBlocks;
  const checks: Check[] = [
    {
      name: 'enough evidence',
      answer: enough ? 'passed' : 'open',
      finding: `${drive.valid} of ${drive.triplets} triplets say something, expected \`${LIMITS.leastTriplets}\``,
    },
    check('finite', drive.invalidPixels === 0, `${drive.invalidPixels} pixels are NaN or not positive`),
  ];
  if (enough) checks.push(...driveChecks(drive, truth));
  if (source !== undefined) checks.push(...sourceChecks(source));
  const { mostLookLoss, mostLookLossHigh, mostPastLoss, mostPastLossHigh } = LIMITS;
  if (look !== undefined) {
    checks.push(depthCheck("other places in the drive's look", look, mostLookLoss, mostLookLossHigh));
  }
  if (pastLooks !== undefined) {
    checks.push(depthCheck('looks of past drives', pastLooks, mostPastLoss, mostPastLossHigh));
  }
  const failed = checks.filter(({ answer }) => answer === 'failed');
  const open = checks.filter(({ answer }) => answer === 'open');
  const text = ({ name, finding }: Check) => `${name}: ${finding}`;
  if (failed.length > 0) return { verdict: 'rejected', reasons: failed.map(text), checks };
  if (open.length > 0) return { verdict: 'undecided', reasons: open.map(text), checks };
  return { verdict: 'promoted', reasons: checks.filter(({ name }) => name === 'better').map(text), checks };
}

function driveChecks(drive: DriveFigures, truth: TruthFigures | undefined): Check[] {
  const measured = truth !== undefined && truth.frames >= LIMITS.leastTruthFrames ? truth : undefined;
  return [
    check(
      'better',
      drive.gain.low > 0 && drive.gain.mean >= LIMITS.leastGain,
      `photometric error ${percent(-drive.gain.mean)} (95 % ${percent(-drive.gain.high)} to ` +
        `${percent(-drive.gain.low)}) of ${drive.parentError.toFixed(4)}`,
    ),
    ...(measured === undefined ? [] : truthChecks(measured)),
    check(
      'consistent over time',
      drive.inconsistencyLoss.mean <= LIMITS.mostInconsistencyLoss,
      `disagreement of neighbouring frames ${interval(drive.inconsistencyLoss)}, at most \`${percent(LIMITS.mostInconsistencyLoss)}\``,
    ),
    check(
      'not collapsed',
      within(drive.spreadRatio, LIMITS.spreadRatio) && drive.likeness >= LIMITS.leastLikeness,
      `spread of depth ${drive.spreadRatio.toFixed(2)} of the parent's, correlation with it ${drive.likeness.toFixed(3)}`,
    ),
    check(
      'same scale',
      within(drive.scale, LIMITS.scale),
      `${drive.scale.toFixed(3)} of the parent's, expected \`${LIMITS.scale.join('..')}\``,
    ),
    check(
      'no new holes',
      drive.dynamicHoles <= LIMITS.mostDynamicHoles &&
        drive.stillHoles <= LIMITS.mostStillHoles &&
        within(drive.dynamicRatio, LIMITS.dynamicRatio),
      `${percent(drive.dynamicHoles)} of ${drive.dynamicPixels} pixels on dynamic classes, ` +
        `${percent(drive.stillHoles)} elsewhere, dynamic classes ${drive.dynamicRatio.toFixed(2)} times as far`,
    ),
  ];
}

function truthChecks({ gain, gainUnscaled, frames }: TruthFigures): Check[] {
  return [
    check(
      'better by the LiDAR',
      gain.low > 0 && gainUnscaled.high > 0,
      `AbsRel ${percent(-gain.mean)} (95 % ${percent(-gain.high)} to ${percent(-gain.low)}), unscaled ` +
        `${percent(-gainUnscaled.mean)}, over ${frames} frames`,
    ),
  ];
}

function sourceChecks(source: SourceFigures): Check[] {
  const { meanIouLoss, parent } = source;
  return [
    depthCheck('source depth kept', source, LIMITS.mostSourceLoss, LIMITS.mostSourceLossHigh),
    check(
      'source classes kept',
      meanIouLoss.mean <= LIMITS.mostMeanIouLoss,
      `mIoU ${percent(-meanIouLoss.mean)} points of ${percent(parent.meanIou)}, at most \`${percent(-LIMITS.mostMeanIouLoss)}\``,
    ),
  ];
}

/** AbsRel on labelled samples: bounds of the mean loss and of the upper end of its interval. */
function depthCheck(
  name: string,
  { absRelLoss, parent, samples }: SourceFigures,
  most: number,
  mostHigh: number,
): Check {
  return check(
    name,
    absRelLoss.mean <= most && absRelLoss.high <= mostHigh,
    `AbsRel ${interval(absRelLoss)} of ${parent.absRel.toFixed(3)} over ${samples} samples, at most ` +
      `\`${percent(most)}\` and \`${percent(mostHigh)}\``,
  );
}

/** A figure that is not a number fails. */
function check(name: string, passed: boolean, finding: string): Check {
  return { name, answer: passed ? 'passed' : 'failed', finding };
}

function within(value: number, [low, high]: readonly [number, number]): boolean {
  return value >= low && value <= high;
}

function interval({ mean, low, high }: Interval): string {
  return `${percent(mean)} (95 % ${percent(low)} to ${percent(high)})`;
}

function percent(share: number): string {
  return `${share > 0 ? '+' : ''}${(100 * share).toFixed(2)} %`;
}
