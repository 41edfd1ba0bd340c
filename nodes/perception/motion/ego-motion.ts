import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { identityTransform, type RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { descend, type ExposedPose, type Linearized, POSE_PARAMETERS } from '../../../vision/descend.js';
import type { GreyLevel } from '../../../vision/grey-pyramid.js';
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
/**
 * Of the motions that different guesses lead to, the one with the least cost at this spread is right. The median difference
 * would not do: where most edges are far away, as on a motorway, it is as small for a camera that stands.
 */
const CHOOSING_SPREAD = 15;
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
interface Points {
  readonly count: number;
  readonly u: Float32Array;
  readonly v: Float32Array;
  /** x and y of the ray at z = 1, and 1 / z (0 = infinitely far). */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly inverseDepth: Float32Array;
}

interface Fit extends Linearized {
  /** Median of the absolute residuals. */
  readonly residual: number;
}

/**
 * Finds the camera's motion by direct alignment: the pose, and a change of exposure, that make the brightness of static
 * points with strong gradients agree best in both views, by robust Gauss-Newton from coarse to fine. Pixels of dynamic
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
  const starts = [...(before ? [before.earlierFromLater] : []), ...forwardGuesses(points)];
  const level = (index: number): Aligning | undefined => {
    const [a, b] = [later.grey[index], earlier.grey[index]];
    return a && b && aligning(points, a, b, later.intrinsics, index);
  };
  let aligned = level(coarsest);
  let best: (ExposedPose & Fit) | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const pose of starts) {
    const found = aligned && align(aligned, { pose, gain: 1, offset: 0 });
    if (found === undefined || aligned === undefined) continue;
    const { cost } = linearize(aligned, found, CHOOSING_SPREAD);
    if (cost < least) [best, least] = [found, cost];
    // It goes on as before: no other valley is looked for.
    if (pose === before?.earlierFromLater && best !== undefined && best.residual <= before.residual) break;
  }
  for (let index = coarsest - 1; index >= 0 && best !== undefined; index--) {
    aligned = level(index);
    best = aligned && align(aligned, best);
  }
  if (best === undefined) return undefined;
  return { earlierFromLater: best.pose, residual: best.residual, overlap: best.overlap };
}

/** Of each cell the pixel with the strongest edge, if it is static and its depth is known. */
function staticPoints({ grey, depth, kinds, height, width, intrinsics }: UnposedView): Points {
  const data = grey[0]?.data;
  const chosen: number[] = [];
  for (let top = 1; data !== undefined && top < height - 1; top += CELL) {
    for (let left = 1; left < width - 1; left += CELL) {
      let [best, strongest] = [-1, LEAST_GRADIENT * LEAST_GRADIENT];
      for (let row = top; row < Math.min(top + CELL, height - 1); row++) {
        for (let column = left; column < Math.min(left + CELL, width - 1); column++) {
          const at = row * width + column;
          if (kinds[at] !== KIND.none || !((depth[at] as number) > 0)) continue;
          const across = ((data[at + 1] as number) - (data[at - 1] as number)) / 2;
          const down = ((data[at + width] as number) - (data[at - width] as number)) / 2;
          const strength = across * across + down * down;
          if (strength > strongest) [best, strongest] = [at, strength];
        }
      }
      if (best >= 0) chosen.push(best);
    }
  }
  const { fx, fy, cx, cy } = intrinsics;
  const u = Float32Array.from(chosen, (at) => at % width);
  const v = Float32Array.from(chosen, (at) => Math.floor(at / width));
  return {
    ...{ count: chosen.length, u, v },
    x: u.map((column) => (column - cx) / fx),
    y: v.map((row) => (row - cy) / fy),
    inverseDepth: Float32Array.from(chosen, (at) => 1 / (depth[at] as number)),
  };
}

function forwardGuesses({ inverseDepth }: Points): RigidTransform[] {
  const near = inverseDepth.filter((w) => w > 0).sort();
  const depth = 1 / (near[near.length >> 1] ?? 1);
  return GUESSES.map((share) => {
    const pose = identityTransform();
    pose[11] = share * depth;
    return pose;
  });
}

/** What one level's alignment needs. */
interface Aligning {
  readonly points: Points;
  readonly template: Float32Array;
  readonly earlier: GreyLevel;
  readonly intrinsics: Intrinsics;
  readonly factor: number;
}

function aligning(
  points: Points,
  later: GreyLevel,
  earlier: GreyLevel,
  intrinsics: Intrinsics,
  level: number,
): Aligning {
  const factor = 2 ** level;
  const toLevel = (full: number): number => (full + 0.5) / factor - 0.5;
  const brightness = new Float64Array(points.count);
  const [u, v] = [Float64Array.from(points.u, toLevel), Float64Array.from(points.v, toLevel)];
  sampleGrey(later, points.count, u, v, brightness);
  return { points, template: Float32Array.from(brightness), earlier, intrinsics, factor };
}

function align(aligned: Aligning, start: ExposedPose): (ExposedPose & Fit) | undefined {
  const spread = OUTLIER * Math.max(LEAST_SPREAD, medianResidual(aligned, start));
  const found = descend(start, (at) => linearize(aligned, at, spread), {
    ...DESCENT,
    isSmall: (step) => stepLength(aligned, step) < SMALL_STEP * aligned.factor,
  });
  return found && { ...found, residual: medianResidual(aligned, found) };
}

/** How far a step moves points in the picture, pixels, roughly. */
function stepLength({ intrinsics, points }: Aligning, step: Float64Array): number {
  const [x = 0, y = 0, z = 0, tx = 0, ty = 0, tz = 0] = step;
  let nearest = 0;
  for (const w of points.inverseDepth) if (w > nearest) nearest = w;
  return intrinsics.fx * (Math.hypot(x, y, z) + 0.2 * nearest * Math.hypot(tx, ty, tz));
}

/** The weighted normal equations of the residuals. */
function linearize(aligned: Aligning, at: ExposedPose, spread: number): Linearized {
  const seen = compare(aligned, at);
  return { overlap: seen / aligned.points.count, ...normalEquations(seen, spread) };
}

/** Of the absolute residuals; Infinity where nothing is seen. */
function medianResidual(aligned: Aligning, at: ExposedPose): number {
  const seen = compare(aligned, at);
  const sizes = residuals.slice(0, seen);
  for (let i = 0; i < seen; i++) sizes[i] = Math.abs(sizes[i] as number);
  return sizes.sort()[seen >> 1] ?? Number.POSITIVE_INFINITY;
}

// Of the comparison made last, used again: each is some hundred kilobytes, and a frame makes dozens.
let residuals = new Float32Array(0);
let jacobian = new Float64Array(0);

/**
 * Residuals r = gain I_earlier(u) + offset - I_later, u = project(R ray + t / z), and their derivatives.
 * @returns how many points the earlier view shows: so many residuals, and rows of the jacobian, are set.
 */
function compare(
  { points, template, earlier, intrinsics, factor }: Aligning,
  { pose, gain, offset }: ExposedPose,
): number {
  const { count, x, y, inverseDepth } = points;
  const { fx, fy, cx, cy } = intrinsics;
  const [r0, r1, r2, tx, r4, r5, r6, ty, r8, r9, r10, tz] = pose as unknown as number[] & { length: 12 };
  const { width, data } = earlier;
  const [right, bottom] = [width - 2, earlier.height - 2];
  if (residuals.length < count) {
    residuals = new Float32Array(count);
    jacobian = new Float64Array(count * POSE_PARAMETERS);
  }
  let seen = 0;
  for (let i = 0; i < count; i++) {
    const a = x[i] as number;
    const b = y[i] as number;
    const w = inverseDepth[i] as number;
    const qx = (r0 as number) * a + (r1 as number) * b + (r2 as number) + w * (tx as number);
    const qy = (r4 as number) * a + (r5 as number) * b + (r6 as number) + w * (ty as number);
    const qz = (r8 as number) * a + (r9 as number) * b + (r10 as number) + w * (tz as number);
    if (!(qz > 1e-3)) continue;
    const u = ((fx * qx) / qz + cx + 0.5) / factor - 0.5;
    const v = ((fy * qy) / qz + cy + 0.5) / factor - 0.5;
    if (!(u >= 1 && v >= 1 && u <= right && v <= bottom)) continue;
    // The bilinear patch around (u, v), and its slopes.
    const column = Math.floor(u);
    const row = Math.floor(v);
    const across = u - column;
    const down = v - row;
    const corner = row * width + column;
    const g00 = data[corner] as number;
    const g01 = data[corner + 1] as number;
    const g10 = data[corner + width] as number;
    const g11 = data[corner + width + 1] as number;
    const top = g00 + across * (g01 - g00);
    const value = top + down * (g10 + across * (g11 - g10) - top);
    const slopeU = (1 - down) * (g01 - g00) + down * (g11 - g10);
    const slopeV = (1 - across) * (g10 - g00) + across * (g11 - g01);
    const gx = (slopeU * gain * fx) / (factor * qz);
    const gy = (slopeV * gain * fy) / (factor * qz);
    const gz = -(gx * qx + gy * qy) / qz;
    const at = seen * POSE_PARAMETERS;
    jacobian[at] = gz * qy - gy * qz;
    jacobian[at + 1] = gx * qz - gz * qx;
    jacobian[at + 2] = gy * qx - gx * qy;
    jacobian[at + 3] = gx * w;
    jacobian[at + 4] = gy * w;
    jacobian[at + 5] = gz * w;
    jacobian[at + 6] = value;
    jacobian[at + 7] = 1;
    residuals[seen++] = gain * value + offset - (template[i] as number);
  }
  return seen;
}

function normalEquations(count: number, spread: number): Omit<Linearized, 'overlap'> {
  const hessian = new Float64Array(POSE_PARAMETERS * POSE_PARAMETERS);
  const gradient = new Float64Array(POSE_PARAMETERS);
  let cost = 0;
  for (let i = 0, at = 0; i < count; i++, at += POSE_PARAMETERS) {
    const residual = residuals[i] as number;
    const weight = 1 / (1 + (residual / spread) ** 2);
    cost -= Math.log(weight);
    for (let p = 0; p < POSE_PARAMETERS; p++) {
      const weighted = weight * (jacobian[at + p] as number);
      gradient[p] = (gradient[p] as number) - weighted * residual;
      for (let q = 0, to = p * POSE_PARAMETERS; q <= p; q++, to++) {
        hessian[to] = (hessian[to] as number) + weighted * (jacobian[at + q] as number);
      }
    }
  }
  return { cost: cost / count, hessian, gradient };
}
