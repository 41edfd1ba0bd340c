import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { depthFrame, refinePose } from '../../../vision/direct-pose.js';
import { slopedPyramid } from '../../../vision/sloped-pyramid.js';
import { DYNAMIC_CLASSES } from '../../losses/dynamic-masks.js';
import { PYRAMID_LEVELS, staticWeight } from '../drive/survey.js';
import { type PhotometricScore, picturePlanes } from '../judge/photometric-score.js';
import { boxMean } from './box-mean.js';

/** A picture with its neighbours, and two opinions about its depth; maps are [H, W]. */
export interface DisputedPicture {
  readonly target: Uint8Array;
  readonly previous: Uint8Array;
  readonly next: Uint8Array;
  /** Labels of the running model. */
  readonly labels: Uint8Array;
  readonly ownDepth: Float32Array;
  /** sourceFromTarget, by that depth. */
  readonly previousPose: RigidTransform;
  readonly nextPose: RigidTransform;
  /** Depth of the teacher, in the same metres; NaN where it gives none. */
  readonly taughtDepth: Float32Array;
}

export interface ConfirmedDepth {
  /** Depth of the teacher, metres; NaN where the drive does not confirm it. */
  readonly depthMeters: Float32Array;
  /** Share of the pixels that are confirmed. */
  readonly share: number;
  /** Photometric error of the teacher's depth / of the running model's, over what stands still. */
  readonly errorRatio: number;
}

/** Errors are compared over squares of 5 pixels: single ones explain themselves by chance. */
const RADIUS = 2;
/** A teacher may explain a pixel this much worse than the running model: the noise of the error. */
const NOISE = 0.008;
/** What explains a pixel this well is right there. */
const EXPLAINED = 0.02;
/** A thing that could move stands still where its depth explains it this much better than no motion at all does. */
const STANDS = 0.02;
/** And another depth than the running model's is believed as far as this without more ado. */
const MOST_MOVED = 1.3;

/**
 * What the drive itself confirms of a teacher's depth. There the pictures before and after, warped by it and by the motion
 * that fits it, look like this one. They must do so as well as by the running model's depth, or very much so. Where the
 * pictures as they are explain each other as well, nothing speaks against it. What could move has to be seen standing still.
 * @returns undefined where no motion fits the teacher's depth.
 * Source: photometric error of SGDepth, eq. 3.
 */
export async function confirmedDepth(
  picture: DisputedPicture,
  view: { readonly width: number; readonly height: number; readonly intrinsics: Intrinsics },
  score: PhotometricScore,
): Promise<ConfirmedDepth | undefined> {
  const { target, previous, next, labels, ownDepth, taughtDepth } = picture;
  const { width, height, intrinsics } = view;
  const grey = (rgb: Uint8Array) => slopedPyramid({ width, height, rgb }, PYRAMID_LEVELS);
  const still = staticWeight(labels, labels.length);
  const frame = depthFrame(grey(target), taughtDepth, still, intrinsics);
  const before = refinePose(frame, grey(previous), [picture.previousPose]);
  const after = refinePose(frame, grey(next), [picture.nextPose]);
  if (before === undefined || after === undefined) return undefined;
  const pictures = {
    ...{ target: picturePlanes(target), previous: picturePlanes(previous), next: picturePlanes(next) },
  };
  const own = await score.run(
    pictures,
    ownDepth,
    { previous: picture.previousPose, next: picture.nextPose },
    intrinsics,
  );
  const taught = await score.run(
    pictures,
    taughtDepth,
    { previous: before.sourceFromTarget, next: after.sourceFromTarget },
    intrinsics,
  );
  const smooth = (error: Float32Array) => boxMean(error, width, height, RADIUS);
  const [ownError, taughtError, stillError] = [own.error, taught.error, taught.still].map(smooth);
  const { previous: toPrevious, next: toNext } = taught.coordinates;
  const depthMeters = new Float32Array(taughtDepth.length).fill(Number.NaN);
  let [confirmed, ownSum, taughtSum] = [0, 0, 0];
  for (let i = 0; i < depthMeters.length; i++) {
    if (!(taughtDepth[i] > 0)) continue;
    if (!isInside(toPrevious, i, width, height) && !isInside(toNext, i, width, height)) continue;
    const couldMove = DYNAMIC_CLASSES.includes(labels[i]);
    if (!couldMove) {
      ownSum += ownError[i];
      taughtSum += taughtError[i];
    }
    const most = couldMove ? stillError[i] - STANDS : stillError[i] + NOISE;
    if (taughtError[i] > most || taughtError[i] > Math.max(ownError[i] + NOISE, EXPLAINED)) continue;
    // A vehicle of one colour looks the same wherever it is: far from where the model has it, it has to fit plainly better.
    const ratio = taughtDepth[i] / ownDepth[i];
    const isNear = ratio < MOST_MOVED && ratio > 1 / MOST_MOVED;
    if (couldMove && !isNear && taughtError[i] > ownError[i] - STANDS) continue;
    depthMeters[i] = taughtDepth[i];
    confirmed++;
  }
  return { depthMeters, share: confirmed / depthMeters.length, errorRatio: taughtSum / ownSum };
}

function isInside(coordinates: Float32Array, i: number, width: number, height: number): boolean {
  const [u, v] = [coordinates[2 * i], coordinates[2 * i + 1]];
  return u >= 0 && v >= 0 && u <= width - 1 && v <= height - 1;
}
