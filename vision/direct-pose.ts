import type { Intrinsics } from '../msgs/camera/intrinsics.js';
import { scaleIntrinsics } from '../msgs/camera/intrinsics.js';
import type { RigidTransform } from '../msgs/camera/rigid-transform.js';
import { descend, type ExposedPose, type Linearized } from './descend.js';
import { forwardGuesses } from './forward-guesses.js';
import { halved } from './grey-pyramid.js';
import { type AlignedPoints, PointAlignment } from './point-alignment.js';
import { huber } from './robust-cost.js';
import { type SlopedLevel, sampleSlopedLevel } from './sloped-pyramid.js';

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
  /** The change of exposure: a grey value g of the source is gain g + offset in the target, 0..1. */
  readonly gain: number;
  readonly offset: number;
}

/** Grey differences beyond this count linearly (Huber), 0..1. */
const COST = huber(0.03);
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
 * The camera's motion from a target frame with depth to a source frame. It is the pose and the change of exposure (gain and
 * offset) that make the grey values agree best. Gauss-Newton with Huber's weights finds it from coarse to fine. Starts from a
 * few motions along the optical axis, whichever fits best at the coarsest level. Whoever gives the depth has no say in the
 * rest. A depth of another scale gives a translation of that scale.
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
  const smallest = levelOf(target, source, coarsest);
  const first = forwardGuesses(target.medianDepth, GUESSES, direction).map((pose) =>
    align(smallest, { pose, ...SAME }, 8),
  );
  let best = ranked(first).slice(0, KEPT_GUESSES);
  for (let index = coarsest - 1; index >= finest; index--) {
    const level = levelOf(target, source, index);
    const refined = best.map((state) => align(level, state, ITERATIONS));
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
  const half = levelOf(target, source, 1);
  const [best] = ranked(starts.map((pose) => align(half, { pose, ...SAME }, ITERATIONS)));
  return resultOf(best && align(levelOf(target, source, 0), best, ITERATIONS));
}

/** Iterations in which a change of exposure is found, and a motion hardly changes. */
const EXPOSURE_ITERATIONS = 2;

/** How badly a motion fits at half size, exposure compensated; infinite where it does not fit at all. See DirectPose.residual. */
export function poseResidual(
  target: DepthFrame,
  source: readonly SlopedLevel[],
  pose: RigidTransform,
): number {
  const state = align(levelOf(target, source, 1), { pose, ...SAME }, EXPOSURE_ITERATIONS);
  return state === undefined ? Number.POSITIVE_INFINITY : Math.sqrt(state.cost);
}

function resultOf(state: State | undefined): DirectPose | undefined {
  if (state === undefined) return undefined;
  const { pose, cost, overlap, gain, offset } = state;
  return { sourceFromTarget: pose, residual: Math.sqrt(cost), overlap, gain, offset };
}

const SAME = { gain: 1, offset: 0 } as const;
/** Guesses that are followed to the level after the coarsest one, where few pixels may mislead. */
const KEPT_GUESSES = 3;

/** The best first, without those that failed. */
function ranked(states: readonly (State | undefined)[]): State[] {
  return states.filter((state) => state !== undefined).sort((a, b) => a.cost - b.cost);
}

type State = ExposedPose & Linearized;

/** The pixels of a target that count, and a source at the same resolution. */
function levelOf(
  target: DepthFrame,
  source: readonly SlopedLevel[],
  level: number,
): PointAlignment<SlopedLevel> {
  const [from, to] = [target.grey[level], source[level]];
  if (from === undefined || to === undefined) throw new RangeError(`a picture has no level ${level}`);
  const intrinsics = scaleIntrinsics(target.intrinsics, 1 / 2 ** level, 1 / 2 ** level);
  const { width, height } = from;
  return new PointAlignment(pointsOf(target, level, from, intrinsics), {
    ...{ width, height, intrinsics },
    level: to,
    sample: sampleSlopedLevel,
  });
}

/** At the finest level every second pixel of every second row will do. */
function pointsOf(
  target: DepthFrame,
  level: number,
  { width, height, data }: SlopedLevel,
  { fx, fy, cx, cy }: Intrinsics,
): AlignedPoints {
  const inverse = target.inverseDepth[level] as Float32Array; // as many levels as the picture
  const weights = target.weight[level] as Float32Array;
  const stride = level === 0 ? 2 : 1;
  const most = Math.ceil(height / stride) * Math.ceil(width / stride);
  const [x, y] = [new Float64Array(most), new Float64Array(most)];
  const [inverseDepth, brightness] = [new Float32Array(most), new Float32Array(most)];
  let count = 0;
  for (let row = 1; row < height - 1; row += stride) {
    for (let column = 1; column < width - 1; column += stride) {
      const i = row * width + column;
      if ((weights[i] as number) < 0.5) continue;
      x[count] = (column - cx) / fx;
      y[count] = (row - cy) / fy;
      inverseDepth[count] = inverse[i] as number;
      brightness[count++] = data[i] as number;
    }
  }
  return { count, x, y, inverseDepth, brightness };
}

function align(
  level: PointAlignment<SlopedLevel>,
  start: ExposedPose,
  iterations: number,
): State | undefined {
  return descend(start, (at) => level.linearize(at, COST), { ...DESCENT, iterations });
}
