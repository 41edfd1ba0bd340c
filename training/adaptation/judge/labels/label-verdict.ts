import type { Interval } from '../bootstrap.js';
import { bounded, type Check, check, interval, negated, percent } from '../check.js';
import type { DriveFigures } from '../judge-drive.js';
import type { PictureFigures } from '../judge-pictures.js';
import { LIMITS } from '../limits.js';
import {
  finiteDrive,
  isMoving,
  type OtherFigures,
  otherChecks,
  soundChecks,
  soundPictures,
  type Verdict,
  verdictOf,
} from '../verdict.js';
import type { LabelFigures } from './label-figures.js';

/** Bounds of what labels are asked; docs/adaptation.md has the reasons, docs/measurements/adaptation-labels.md the proof. */
export const LABEL_LIMITS = {
  /** Pictures in which a road is found. */
  leastPictures: 8,
  /** Gain of the overlap with the next picture, or where nothing moves with the mirror image, points of mIoU. */
  leastGain: 0.01,
  /** Gain of the overlap with the mirror image beside that with the next picture: noise gains in one of them, not in both. */
  leastMirrorGain: 0.003,
  /** The other way to be better, a share of the pixels: agreement with the next picture and with the mirror image, each for sure. */
  leastPixelGain: 0.008,
  /** And what it asks of labelled samples in the look of the drive, points of mIoU, for sure. */
  leastLookGain: 0.004,
  /** Points of mIoU that such labels may lose in agreement: small classes make that figure noisy. */
  steadyLoss: { sure: 0, most: 0.02 },
  /** Of what class and place say about each other, as a share of the parent's. */
  placeLoss: { sure: 0.02, most: 0.05 },
  mirrorLoss: { sure: 0, most: 0.01 },
  timeLoss: { sure: 0, most: 0.01 },
  /** Points of mIoU on samples in the look of the drive, and of past drives. */
  lookLoss: { sure: 0, most: 0.01 },
  /** On another real drive. */
  guardPlaceLoss: { sure: 0.02, most: 0.05 },
} as const;

/** Labels on another real drive. */
export interface GuardLabels {
  readonly name: string;
  readonly labels: LabelFigures;
}

/** What labels are judged by. */
export interface LabelQuestion {
  readonly labels: LabelFigures;
  readonly guards: readonly GuardLabels[];
  /** Depth, which has to stay: of the drive, and where it does not move of its single pictures. */
  readonly drive: DriveFigures;
  readonly pictures: PictureFigures | undefined;
  readonly others: OtherFigures;
}

/** Whether labels are better than the parent's and depth is as good. */
export function decideLabels({ labels, guards, drive, pictures, others }: LabelQuestion): Verdict {
  const enough = labels.placed >= LABEL_LIMITS.leastPictures;
  const checks: Check[] = [
    {
      name: 'enough evidence for labels',
      answer: enough ? 'passed' : 'open',
      finding: `the road is found in ${labels.placed} of ${labels.pictures} pictures, expected \`${LABEL_LIMITS.leastPictures}\``,
    },
    ...(enough ? [betterLabels(labels, others), ...soundLabels(labels, others)] : []),
    ...guards.filter(isTelling).map(guardCheck),
    finiteDrive(drive),
    ...depthKept(drive, pictures),
    ...otherChecks(others),
    ...lookChecks(others),
  ];
  return verdictOf(checks);
}

/** What labels must not lose, whatever a candidate was made for. */
export function keptLabels(
  labels: LabelFigures,
  guards: readonly GuardLabels[],
  others: OtherFigures = {},
): Check[] {
  const enough = labels.placed >= LABEL_LIMITS.leastPictures;
  return [...(enough ? soundLabels(labels, others) : []), ...guards.filter(isTelling).map(guardCheck)];
}

function betterLabels(labels: LabelFigures, others: OtherFigures): Check {
  const { mirrorGain, timeGain, mirrorPixels, timePixels } = labels;
  const gain = timeGain ?? mirrorGain;
  if (isSteadier(labels, others)) {
    const next = timePixels === undefined ? '' : `with the next picture ${interval(timePixels)}, `;
    return check(
      'better labels',
      true,
      `pixels that agree ${next}with the mirror image ${interval(mirrorPixels)}, and more mIoU on samples in the drive's look`,
    );
  }
  return check(
    'better labels',
    gain.low > 0 && gain.mean >= LABEL_LIMITS.leastGain && mirrorGain.mean >= LABEL_LIMITS.leastMirrorGain,
    timeGain === undefined
      ? `overlap with the mirror image ${interval(mirrorGain)} points of mIoU`
      : `overlap with the next picture ${interval(timeGain)} points of mIoU, with the mirror image ${percent(mirrorGain.mean)}`,
  );
}

/**
 * Whether labels agree in more pixels, with the next picture and with the mirror image, and are better on labelled samples in
 * the look of the drive. Bias agrees more and is worse there; noise agrees less.
 */
function isSteadier({ mirrorPixels, timePixels }: LabelFigures, { look }: OtherFigures): boolean {
  const agrees = ({ low, mean }: Interval) => low > 0 && mean >= LABEL_LIMITS.leastPixelGain;
  if (look === undefined || timePixels === undefined) return false;
  const { mean, high } = look.meanIouLoss;
  return agrees(mirrorPixels) && agrees(timePixels) && high < 0 && mean <= -LABEL_LIMITS.leastLookGain;
}

function soundLabels(labels: LabelFigures, others: OtherFigures): Check[] {
  const { placeGain, parentPlace, mirrorGain, timeGain } = labels;
  const steadier = isSteadier(labels, others);
  const { mirrorLoss, timeLoss } = steadier
    ? { mirrorLoss: LABEL_LIMITS.steadyLoss, timeLoss: LABEL_LIMITS.steadyLoss }
    : LABEL_LIMITS;
  return [
    placeCheck('classes where they belong', { placeGain, parentPlace }, LABEL_LIMITS.placeLoss),
    bounded('labels the same in the mirror', 'points lost', negated(mirrorGain), mirrorLoss),
    ...(timeGain === undefined
      ? []
      : [bounded('labels the same over time', 'points lost', negated(timeGain), timeLoss)]),
  ];
}

function placeCheck(
  name: string,
  { placeGain, parentPlace }: Pick<LabelFigures, 'placeGain' | 'parentPlace'>,
  bound: typeof LABEL_LIMITS.placeLoss | typeof LABEL_LIMITS.guardPlaceLoss,
): Check {
  const { mean, low, high } = negated(placeGain);
  const of = (nats: number) => nats / parentPlace;
  const what = `of ${parentPlace.toFixed(3)} nats a pixel that class and place say about each other, lost`;
  return bounded(name, what, { mean: of(mean), low: of(low), high: of(high) }, bound);
}

function isTelling({ labels }: GuardLabels): boolean {
  return labels.placed >= LIMITS.leastGuardTriplets;
}

function guardCheck({ name, labels }: GuardLabels): Check {
  return placeCheck(`classes where they belong on ${name}`, labels, LABEL_LIMITS.guardPlaceLoss);
}

/** As on another drive: depth need not gain, but has no business losing. */
function depthKept(drive: DriveFigures, pictures: PictureFigures | undefined): Check[] {
  if (isMoving(drive))
    return [
      bounded('depth no worse', 'photometric error', negated(drive.gain), LIMITS.guardLoss),
      ...soundChecks(drive),
    ];
  return pictures === undefined ? [] : soundPictures(pictures);
}

function lookChecks({ look, pastLooks }: OtherFigures): Check[] {
  const of = (name: string, figures: typeof look) =>
    figures === undefined
      ? []
      : [bounded(name, 'mIoU points lost', figures.meanIouLoss, LABEL_LIMITS.lookLoss)];
  return [
    ...of("classes of other places in the drive's look", look),
    ...of('classes in the looks of past drives', pastLooks),
  ];
}
