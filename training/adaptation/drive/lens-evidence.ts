import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { depthFrame, directPose } from '../../../vision/direct-pose.js';
import { slopedPyramid } from '../../../vision/sloped-pyramid.js';
import { type Interval, ratioBootstrap } from '../judge/bootstrap.js';
import { type LensError, type ViewedPicture, withOtherLens } from './other-lens.js';
import { PYRAMID_LEVELS, staticWeight } from './survey.js';

/** Another lens than that of the camera_info, and how well it explains a drive. */
export interface LensEvidence {
  readonly error: LensError;
  /** Change of the aligned pictures' residual, relative to that with the lens as it is given: below 0 it explains them better. */
  readonly change: Interval;
  /** Whether it is better for sure and by enough to matter. */
  readonly tells: boolean;
}

/** Errors that are looked for: one thing at a time. */
export const LENS_ERRORS: readonly LensError[] = [
  ...[0.7, 0.85, 1.2, 1.4].map((focal) => ({ focal, k1: 0 })),
  ...[-0.4, -0.25, -0.1, 0.1].map((k1) => ({ focal: 1, k1 })),
];
/** A smaller gain is none: borders that are cut off change the residual, too. */
const LEAST_GAIN = 0.02;

/**
 * Whether pictures of a drive fit together better if the lens was another one. The depth is that of a model, so that its errors
 * are in all the residuals alike.
 *
 * A camera that drives straight ahead does not tell its focal length. A network's depth grows with the focal length that it
 * is told, so X = (x - cx) / fx Z stays. x' - cx = (X + tx) / (Z + tz) fx is the same for all fx if tz grows with it, too.
 * Only turns tell. A distortion shows in the flow of any motion.
 */
export function lensEvidence(
  triplets: readonly { readonly target: ViewedPicture; readonly next: RgbPicture }[],
  intrinsics: Intrinsics,
  errors: readonly LensError[] = LENS_ERRORS,
): LensEvidence[] {
  const strongest = Math.min(0, ...errors.map(({ k1 }) => k1));
  const cores = triplets.map(({ target, next }) => ({ target: coreOf(target, intrinsics, strongest), next }));
  const residuals = (error: LensError) =>
    cores.map(({ target, next }) => residual(target, next, intrinsics, error));
  const given = residuals({ focal: 1, k1: 0 });
  return errors.map((error) => {
    const other = residuals(error);
    const both = given.flatMap((value, i) => {
      const theirs = other[i];
      return value === undefined || theirs === undefined ? [] : [{ given: value, other: theirs }];
    });
    const change =
      both.length === 0
        ? { mean: Number.NaN, low: Number.NaN, high: Number.NaN }
        : ratioBootstrap(
            both.map((row) => row.other - row.given),
            both.map((row) => row.given),
            1,
          );
    return { error, change, tells: change.high < 0 && change.mean < -LEAST_GAIN };
  });
}

/**
 * The part of a picture that all lenses show. Taking a barrel distortion out cuts the borders off, where pictures fit worst
 * anyway, and would seem to be an improvement by that alone.
 */
function coreOf(target: ViewedPicture, { fx, fy, cx, cy }: Intrinsics, k1: number): ViewedPicture {
  const { width, height } = target;
  const corner = Math.hypot(Math.max(cx, width - 1 - cx) / fx, Math.max(cy, height - 1 - cy) / fy);
  const share = Math.max(0.3, 1 + k1 * corner ** 2);
  const depthMeters = target.depthMeters.map((z, i) => {
    const [x, y] = [Math.abs((i % width) - cx), Math.abs(Math.floor(i / width) - cy)];
    const isInside = x <= share * Math.min(cx, width - 1 - cx) && y <= share * Math.min(cy, height - 1 - cy);
    return isInside ? z : Number.NaN;
  });
  return { ...target, depthMeters };
}

function residual(
  target: ViewedPicture,
  next: RgbPicture,
  intrinsics: Intrinsics,
  error: LensError,
): number | undefined {
  const { picture, intrinsics: lens } = withOtherLens(target, intrinsics, error);
  const { picture: source } = withOtherLens({ ...target, ...next }, intrinsics, error);
  const { depthMeters, labels } = picture;
  const frame = depthFrame(
    slopedPyramid(picture, PYRAMID_LEVELS),
    depthMeters,
    staticWeight(labels, labels.length),
    lens,
  );
  return directPose(frame, slopedPyramid(source, PYRAMID_LEVELS), 1)?.residual;
}
