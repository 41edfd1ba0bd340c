import { composeTransforms, type RigidTransform } from '../msgs/camera/rigid-transform.js';
import { transformFromAxisAngle } from '../msgs/camera/transform-from-axis-angle.js';
import { solveSymmetric } from './solve-symmetric.js';

/** How one picture follows from another: the camera's pose, and the change of exposure. */
export interface ExposedPose {
  readonly pose: RigidTransform;
  /** A grey value g of the one is gain g + offset in the other. */
  readonly gain: number;
  readonly offset: number;
}

/** Three of the rotation, three of the translation, gain and offset. */
export const POSE_PARAMETERS = 8;

/** The normal equations at an ExposedPose. */
export interface Linearized {
  /** Mean robust cost. */
  readonly cost: number;
  /** Share of the points that both pictures show. */
  readonly overlap: number;
  /** J^T W J, POSE_PARAMETERS squared, row major; what is above the diagonal is not read. */
  readonly hessian: Float64Array;
  /** -J^T W r. */
  readonly gradient: Float64Array;
}

export interface DescentOptions {
  readonly iterations: number;
  /** Poses that leave less of the points in view are not taken. */
  readonly leastOverlap: number;
  /** So small a fall of the cost, relative, is the last. */
  readonly converged: number;
  /** Divisor of the damping after a good step; a bad one multiplies it by 10. */
  readonly relief: number;
  /** A bad step with more damping than this is the last. */
  readonly mostDamping: number;
  /** Whether a step is so small that it is the last. */
  readonly isSmall?: (step: Float64Array) => boolean;
}

/**
 * Damped Gauss-Newton (Levenberg-Marquardt) over a pose and a change of exposure.
 * @returns undefined where the start shows too little, or the equations have no solution.
 */
export function descend<T extends Linearized>(
  start: ExposedPose,
  linearize: (at: ExposedPose) => T,
  { iterations, leastOverlap, converged, relief, mostDamping, isSmall }: DescentOptions,
): (ExposedPose & T) | undefined {
  let state = { pose: start.pose, gain: start.gain, offset: start.offset, ...linearize(start) };
  if (state.overlap < leastOverlap) return undefined;
  let damping = 1e-4;
  for (let i = 0; i < iterations; i++) {
    const damped = state.hessian.slice();
    for (let p = 0; p < POSE_PARAMETERS; p++) {
      const at = p * POSE_PARAMETERS + p;
      damped[at] = (damped[at] ?? 0) * (1 + damping) + 1e-9;
    }
    const step = solveSymmetric(damped, state.gradient);
    if (step === undefined) return undefined;
    const moved = moveBy(state, step);
    const next = { pose: moved.pose, gain: moved.gain, offset: moved.offset, ...linearize(moved) };
    if (next.cost < state.cost && next.overlap >= leastOverlap) {
      const done = state.cost - next.cost < converged * state.cost;
      state = next;
      damping = Math.max(1e-6, damping / relief);
      if (done) break;
    } else if (damping > mostDamping) break;
    else damping *= 10;
    if (isSmall?.(step)) break;
  }
  return state;
}

/** The first six numbers turn and shift the coordinate system that the pose leads to, the others change gain and offset. */
function moveBy({ pose, gain, offset }: ExposedPose, step: Float64Array): ExposedPose {
  const { 6: dGain = 0, 7: dOffset = 0 } = step;
  const change = transformFromAxisAngle(step);
  return { pose: composeTransforms(change, pose), gain: gain + dGain, offset: offset + dOffset };
}
