import type { Intrinsics } from '../msgs/camera/intrinsics.js';
import { scaleIntrinsics } from '../msgs/camera/intrinsics.js';
import { identityTransform, type RigidTransform } from '../msgs/camera/rigid-transform.js';
import { descend, type ExposedPose, type Linearized, POSE_PARAMETERS } from './descend.js';
import { halved } from './grey-pyramid.js';
import type { SlopedLevel } from './sloped-pyramid.js';

/** A frame whose depth is known, at 1, 1/2, 1/4, ... of its size. */
export interface DepthFrame {
  readonly grey: readonly SlopedLevel[];
  readonly inverseDepth: readonly Float32Array[];
  /** 0..1: how much each pixel counts. */
  readonly weight: readonly Float32Array[];
  readonly intrinsics: Intrinsics;
  /** Median depth of the pixels that count: the unit of the first guesses. */
  readonly medianDepth: number;
}

export interface DirectPose {
  readonly sourceFromTarget: RigidTransform;
  /** Root of the robust mean squared difference of grey values, 0..1, after exposure was compensated. */
  readonly residual: number;
  /** Share of the weighted pixels that the source shows. */
  readonly overlap: number;
}

/** Grey differences beyond this count linearly (Huber), 0..1. */
const HUBER = 0.03;
/** Guesses of the motion along the optical axis, in median depths; negative when the source was taken later. */
const GUESSES = [0, 0.02, 0.05, 0.1, 0.2, 0.35] as const;
const ITERATIONS = 12;
const DESCENT = { leastOverlap: 0.3, converged: 1e-4, relief: 5, mostDamping: 100 } as const;

/**
 * @param depthMeters [H, W] of the finest level; +Infinity counts (it fixes the rotation), NaN and values <= 0 do not.
 * @param weight [H, W], 0..1.
 */
export function depthFrame(
  grey: readonly SlopedLevel[],
  depthMeters: Float32Array,
  weight: Float32Array,
  intrinsics: Intrinsics,
): DepthFrame {
  const [finest] = grey;
  if (finest === undefined) throw new RangeError('a pyramid has at least one level');
  let { width, height } = finest;
  const known = Float32Array.from(depthMeters, (z, i) => (z > 0 ? (weight[i] ?? 0) : 0));
  const finite: number[] = [];
  for (let i = 0; i < known.length; i += 7) {
    const z = depthMeters[i] ?? Number.NaN;
    if ((known[i] ?? 0) > 0.5 && z < Number.POSITIVE_INFINITY) finite.push(z);
  }
  finite.sort((a, b) => a - b);
  const inverseDepth: Float32Array[] = [Float32Array.from(depthMeters, (z) => (z > 0 ? 1 / z : 0))];
  const weights: Float32Array[] = [known];
  for (let level = 1; level < grey.length; level++) {
    const [w, inverse] = [weights[level - 1], inverseDepth[level - 1]];
    if (w === undefined || inverse === undefined) break;
    const coarse = halved(w, width, height);
    const product = halved(
      inverse.map((value, i) => value * (w[i] ?? 0)),
      width,
      height,
    );
    weights.push(coarse);
    inverseDepth.push(product.map((value, i) => value / Math.max(1e-6, coarse[i] ?? 0)));
    width >>= 1;
    height >>= 1;
  }
  const medianDepth = finite[finite.length >> 1] ?? 10;
  return { grey, inverseDepth, weight: weights, intrinsics, medianDepth };
}

/**
 * The camera's motion from a target frame with depth to a source frame: the pose and the change of exposure (gain and
 * offset) that make the grey values agree best, by Gauss-Newton with Huber's weights from coarse to fine. Starts from a
 * few motions along the optical axis, whichever fits best at the coarsest level; whoever gives the depth has no say in
 * the rest. A depth of another scale gives a translation of that scale.
 *
 * @param source pyramid with as many levels as the target's.
 * @param direction 1 when the source was taken later, -1 when earlier: the sign of the guesses.
 * @param finest level at which to end, 0 the full size.
 * Source: direct alignment after Engel et al. 2014 (LSD-SLAM), section 3.
 */
export function directPose(
  target: DepthFrame,
  source: readonly SlopedLevel[],
  direction: 1 | -1,
  finest = 1,
): DirectPose | undefined {
  const coarsest = target.grey.length - 1;
  const first = guesses(target, direction).map((pose) =>
    align(target, source, coarsest, { pose, ...SAME }, 8),
  );
  let best = ranked(first).slice(0, KEPT_GUESSES);
  for (let level = coarsest - 1; level >= finest; level--) {
    const refined = best.map((state) => align(target, source, level, state, ITERATIONS));
    best = ranked(refined).slice(0, 1);
  }
  return resultOf(best[0]);
}

/**
 * As `directPose`, from poses that are nearly right: the best of those that they lead to at full size.
 * @param starts at least one.
 */
export function refinePose(
  target: DepthFrame,
  source: readonly SlopedLevel[],
  starts: readonly RigidTransform[],
): DirectPose | undefined {
  const aligned = starts.map((pose) => align(target, source, 1, { pose, ...SAME }, ITERATIONS));
  const [best] = ranked(aligned);
  return resultOf(best && align(target, source, 0, best, ITERATIONS));
}

/** Iterations in which a change of exposure is found, and a motion hardly changes. */
const EXPOSURE_ITERATIONS = 2;

/** How badly a motion fits at half size, exposure compensated; infinite where it does not fit at all. See DirectPose.residual. */
export function poseResidual(
  target: DepthFrame,
  source: readonly SlopedLevel[],
  pose: RigidTransform,
): number {
  const state = align(target, source, 1, { pose, ...SAME }, EXPOSURE_ITERATIONS);
  return state === undefined ? Number.POSITIVE_INFINITY : Math.sqrt(state.cost);
}

function resultOf(state: State | undefined): DirectPose | undefined {
  return state && { sourceFromTarget: state.pose, residual: Math.sqrt(state.cost), overlap: state.overlap };
}

const SAME = { gain: 1, offset: 0 } as const;
/** Guesses that are followed to the level after the coarsest one, where few pixels may mislead. */
const KEPT_GUESSES = 3;

function guesses({ medianDepth }: DepthFrame, direction: 1 | -1): RigidTransform[] {
  return GUESSES.map((guess) => {
    const pose = identityTransform();
    pose[11] = -direction * guess * medianDepth;
    return pose;
  });
}

/** The best first, without those that failed. */
function ranked(states: readonly (State | undefined)[]): State[] {
  return states.filter((state) => state !== undefined).sort((a, b) => a.cost - b.cost);
}

type State = ExposedPose & Linearized;

function align(
  target: DepthFrame,
  source: readonly SlopedLevel[],
  level: number,
  start: ExposedPose,
  iterations: number,
): State | undefined {
  const to = source[level];
  if (to === undefined) throw new RangeError(`the source has no level ${level}`);
  return descend(start, (at) => linearize(target, to, level, at), { ...DESCENT, iterations });
}

/**
 * Robust cost of a motion, and its normal equations: of the residual r = gain I_s(u) + offset - I_t with
 * u = project(R ray + w t), w the inverse depth (0 for what is infinitely far).
 */
function linearize(
  target: DepthFrame,
  source: SlopedLevel,
  level: number,
  { pose, gain, offset }: ExposedPose,
): Linearized {
  const hessian = new Float64Array(POSE_PARAMETERS * POSE_PARAMETERS);
  const gradient = new Float64Array(POSE_PARAMETERS);
  const { width, height, data: grey } = target.grey[level] as SlopedLevel; // as many levels as the source
  const inverse = target.inverseDepth[level] as Float32Array;
  const weights = target.weight[level] as Float32Array;
  const { fx, fy, cx, cy } = scaleIntrinsics(target.intrinsics, 1 / 2 ** level, 1 / 2 ** level);
  const [r0, r1, r2, tx, r4, r5, r6, ty, r8, r9, r10, tz] = pose as unknown as number[]; // 4x4
  const stride = level === 0 ? 2 : 1;
  const j = new Float64Array(POSE_PARAMETERS);
  let cost = 0;
  let seen = 0;
  let all = 0;
  for (let y = 1; y < height - 1; y += stride) {
    const ry = (y - cy) / fy;
    for (let x = 1; x < width - 1; x += stride) {
      const i = y * width + x;
      const weight = weights[i] as number;
      if (weight < 0.5) continue;
      all++;
      const rx = (x - cx) / fx;
      const w = inverse[i] as number;
      const qx = r0 * rx + r1 * ry + r2 + w * tx;
      const qy = r4 * rx + r5 * ry + r6 + w * ty;
      const qz = r8 * rx + r9 * ry + r10 + w * tz;
      if (!(qz > 1e-3)) continue;
      const u = (fx * qx) / qz + cx;
      const v = (fy * qy) / qz + cy;
      if (!(u >= 1 && v >= 1 && u < width - 2 && v < height - 2)) continue;
      seen++;
      const column = u | 0;
      const row = v | 0;
      const s = row * width + column;
      const du = u - column;
      const dv = v - row;
      const w00 = (1 - du) * (1 - dv);
      const w01 = du * (1 - dv);
      const w10 = (1 - du) * dv;
      const w11 = du * dv;
      const value = blend(source.data, s, width, w00, w01, w10, w11);
      const gx = gain * blend(source.byColumn, s, width, w00, w01, w10, w11);
      const gy = gain * blend(source.byRow, s, width, w00, w01, w10, w11);
      const residual = gain * value + offset - (grey[i] as number);
      const size = Math.abs(residual);
      const robust = size <= HUBER ? 1 : HUBER / size;
      cost += size <= HUBER ? residual * residual : HUBER * (2 * size - HUBER);
      const a = (gx * fx) / qz;
      const b = (gy * fy) / qz;
      const c = -(a * qx + b * qy) / qz;
      j[0] = b * -qz + c * qy;
      j[1] = a * qz - c * qx;
      j[2] = b * qx - a * qy;
      j[3] = a * w;
      j[4] = b * w;
      j[5] = c * w;
      j[6] = value;
      j[7] = 1;
      for (let p = 0; p < POSE_PARAMETERS; p++) {
        const wp = robust * (j[p] as number);
        gradient[p] = (gradient[p] as number) - wp * residual;
        for (let q = 0; q <= p; q++) {
          hessian[p * POSE_PARAMETERS + q] =
            (hessian[p * POSE_PARAMETERS + q] as number) + wp * (j[q] as number);
        }
      }
    }
  }
  const mean = seen === 0 ? Number.POSITIVE_INFINITY : cost / seen;
  return { cost: mean, overlap: seen / Math.max(1, all), hessian, gradient };
}

function blend(
  values: Float32Array,
  at: number,
  width: number,
  w00: number,
  w01: number,
  w10: number,
  w11: number,
): number {
  return (
    w00 * (values[at] as number) +
    w01 * (values[at + 1] as number) +
    w10 * (values[at + width] as number) +
    w11 * (values[at + width + 1] as number)
  );
}
