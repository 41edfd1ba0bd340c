import { type Intrinsics, scaleIntrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { descend, type ExposedPose, type Linearized } from '../../../vision/descend.js';
import { forwardGuesses } from '../../../vision/forward-guesses.js';
import type { GreyLevel } from '../../../vision/grey-pyramid.js';
import { sampleSlopes } from '../../../vision/grey-slopes.js';
import { type AlignedPoints, PointAlignment } from '../../../vision/point-alignment.js';
import { poseCovariance } from '../../../vision/pose-covariance.js';
import { cauchy } from '../../../vision/robust-cost.js';
import { sampleGrey } from '../../../vision/sample-grey.js';
import { KIND, type MotionView } from './motion-view.js';

/** The camera's motion between two views. */
export interface EgoMotion {
  /** Maps points of the later camera to the earlier one; lengths in units of the later view's depth. */
  readonly earlierFromLater: RigidTransform;
  /** Median of the differences of brightness that remain, 0..255. */
  readonly residual: number;
  /** Share of the points that the earlier view shows. */
  readonly overlap: number;
  /** [36] of `poseCovariance`, lengths as above: what the brightness leaves open, the depth taken to be right. */
  readonly covariance: Float64Array;
}

/** A view before its pose is known. */
export type UnposedView = Omit<MotionView, 'worldFromCamera'>;

/** One point is taken of each cell of so many pixels squared. */
const CELL = 8;
/** Cells without a change of brightness by this much a pixel have no point. */
const LEAST_GRADIENT = 3;
const LEAST_POINTS = 60;
const LEAST_OVERLAP = 0.3;
/** Differences of brightness count less from this many median differences on (Cauchy), but at least so many levels. */
const OUTLIER = 2;
const LEAST_SPREAD = 1.5;
/** Standard deviation of a normal distribution over its median absolute value. */
const DEVIATIONS_A_MEDIAN = 1.4826;
/**
 * Of the motions that different guesses lead to, the one with the least of this cost is right. The median difference
 * would not do: where most edges are far away, as on a motorway, it is as small for a camera that stands.
 */
const CHOOSING_COST = cauchy(15);
const DESCENT = {
  iterations: 10,
  leastOverlap: LEAST_OVERLAP,
  converged: 2e-3,
  relief: 4,
  mostDamping: 9,
} as const;
/** A step that moves points by less than this many pixels is the last of a level. */
const SMALL_STEP = 0.01;
/** First guesses of how far the camera drove, in median depths. */
const GUESSES = [0, 0.02, 0.05, 0.1, 0.2];
/** Levels of the pyramid that are used. */
const LEVELS = 3;
interface Points extends Omit<AlignedPoints, 'brightness'> {
  readonly u: Float64Array;
  readonly v: Float64Array;
}

interface Fit extends ExposedPose, Linearized {
  /** Median of the absolute residuals. */
  readonly residual: number;
}

/**
 * Finds the camera's motion by direct alignment: robust Gauss-Newton from coarse to fine. It finds the pose, and a change of
 * exposure, that make the brightness of static points with strong gradients agree best in both views. Pixels of dynamic
 * classes do not count.
 * @param before the motion before, over as much time: nothing else is tried where it still nearly fits.
 * @returns undefined where the views have too little in common, or nothing to hold on to.
 * Source: direct alignment after Engel et al. 2014 (LSD-SLAM), section 3; points one a cell after Engel et al. 2018 (DSO).
 */
export function fitEgoMotion(
  later: UnposedView,
  earlier: UnposedView,
  before?: EgoMotion,
): EgoMotion | undefined {
  const points = staticPoints(later);
  if (points.count < LEAST_POINTS) return undefined;
  const coarsest = Math.min(LEVELS, later.grey.length, earlier.grey.length) - 1;
  const starts = [
    ...(before ? [before.earlierFromLater] : []),
    ...forwardGuesses(medianDepth(points), GUESSES, -1),
  ];
  const level = (index: number) => alignmentOf(points, later, earlier, index);
  const smallest = level(coarsest);
  let best: Fit | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const pose of starts) {
    const found = smallest && align(smallest, later.intrinsics, 2 ** coarsest, { pose, gain: 1, offset: 0 });
    if (found === undefined || smallest === undefined) continue;
    const { cost } = smallest.linearize(found, CHOOSING_COST);
    if (cost < least) [best, least] = [found, cost];
    // It goes on as before: no other valley is looked for.
    if (pose === before?.earlierFromLater && best !== undefined && best.residual <= before.residual) break;
  }
  for (let index = coarsest - 1; index >= 0 && best !== undefined; index--) {
    const alignment = level(index);
    best = alignment && align(alignment, later.intrinsics, 2 ** index, best);
  }
  if (best === undefined) return undefined;
  const { pose, residual, overlap, hessian } = best;
  const deviation = DEVIATIONS_A_MEDIAN * Math.max(LEAST_SPREAD, residual);
  const covariance = poseCovariance(hessian, deviation * deviation);
  return covariance && { earlierFromLater: pose, residual, overlap, covariance };
}

/** Of each cell the pixel with the strongest edge, if it is static and its depth is known. */
function staticPoints({ grey, depth, kinds, height, width, intrinsics }: UnposedView): Points {
  const data = grey[0]?.data ?? new Float32Array(0);
  // Four times the square of the gradient, as below.
  const least = 4 * LEAST_GRADIENT * LEAST_GRADIENT;
  const chosen: number[] = [];
  for (let top = 1; data.length > 0 && top < height - 1; top += CELL) {
    const bottom = Math.min(top + CELL, height - 1);
    for (let left = 1; left < width - 1; left += CELL) {
      const cells = Math.min(left + CELL, width - 1) - left;
      let best = -1;
      let strongest = least;
      for (let row = top; row < bottom; row++) {
        const from = row * width + left;
        for (let at = from; at < from + cells; at++) {
          const across = (data[at + 1] as number) - (data[at - 1] as number);
          const down = (data[at + width] as number) - (data[at - width] as number);
          const strength = across * across + down * down;
          // Few pixels are stronger than all before them: what costs more to ask is asked of these.
          if (strength <= strongest || kinds[at] !== KIND.none || !((depth[at] as number) > 0)) continue;
          best = at;
          strongest = strength;
        }
      }
      if (best >= 0) chosen.push(best);
    }
  }
  const { fx, fy, cx, cy } = intrinsics;
  const u = Float64Array.from(chosen, (at) => at % width);
  const v = Float64Array.from(chosen, (at) => Math.floor(at / width));
  return {
    count: chosen.length,
    u,
    v,
    x: u.map((column) => (column - cx) / fx),
    y: v.map((row) => (row - cy) / fy),
    inverseDepth: Float32Array.from(chosen, (at) => 1 / (depth[at] as number)),
  };
}

function medianDepth({ inverseDepth }: Points): number {
  const near = inverseDepth.filter((w) => w > 0).sort();
  return 1 / (near[near.length >> 1] ?? 1);
}

/** The points at one resolution; undefined where a view has none of this. */
function alignmentOf(
  points: Points,
  later: UnposedView,
  earlier: UnposedView,
  level: number,
): PointAlignment<GreyLevel> | undefined {
  const [from, to] = [later.grey[level], earlier.grey[level]];
  if (from === undefined || to === undefined) return undefined;
  const factor = 2 ** level;
  const toLevel = (full: number): number => (full + 0.5) / factor - 0.5;
  const brightness = new Float64Array(points.count);
  sampleGrey(from, points.count, points.u.map(toLevel), points.v.map(toLevel), brightness);
  return new PointAlignment(
    { brightness: Float32Array.from(brightness), ...points },
    {
      width: to.width,
      height: to.height,
      intrinsics: scaleIntrinsics(later.intrinsics, 1 / factor, 1 / factor),
      level: to,
      sample: sampleSlopes,
    },
  );
}

/** @param factor pixels of the full size that one of this resolution spans. */
function align(
  alignment: PointAlignment<GreyLevel>,
  intrinsics: Intrinsics,
  factor: number,
  start: ExposedPose,
): Fit | undefined {
  const cost = cauchy(OUTLIER * Math.max(LEAST_SPREAD, alignment.medianResidual(start)));
  const found = descend(start, (at) => alignment.linearize(at, cost), {
    isSmall: (step) => stepLength(alignment.points, intrinsics, step) < SMALL_STEP * factor,
    ...DESCENT,
  });
  return found && { residual: alignment.medianResidual(found), ...found };
}

/** How far a step moves points in the picture, pixels, roughly. */
function stepLength({ inverseDepth }: AlignedPoints, { fx }: Intrinsics, step: Float64Array): number {
  const [x = 0, y = 0, z = 0, tx = 0, ty = 0, tz = 0] = step;
  let nearest = 0;
  for (let i = 0; i < inverseDepth.length; i++) {
    const w = inverseDepth[i] as number;
    if (w > nearest) nearest = w;
  }
  return fx * (Math.hypot(x, y, z) + 0.2 * nearest * Math.hypot(tx, ty, tz));
}
