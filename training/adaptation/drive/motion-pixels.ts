import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';

/** Pixels that the camera's motion is found with: all of what stands still, or the road alone. */
export type MotionPixels = 'static' | 'road';

interface Moved {
  readonly target: number;
  readonly next: number;
  readonly nextPose: RigidTransform;
}

/** Targets that are at most so many frames apart have about the same speed. */
const NEIGHBOURS = 4;
/** The road has to be this much steadier, and to say something about so much of a drive. */
const STEADIER = 0.6;
const LEAST_SHARE = 0.8;

/**
 * Which of two sets of motions, of the same drive, is that of a vehicle: its speed hardly changes from one picture to the
 * next. Where a model has hills and trees much too near, they say that the camera hardly moves, and how much depends on what
 * comes by. The road, whose distance the camera's height settles, says the same all along (docs/measurements/adaptation.md).
 * @param still, road in the order of time.
 */
export function steadierPixels(still: readonly Moved[], road: readonly Moved[]): MotionPixels {
  if (road.length < LEAST_SHARE * still.length) return 'static';
  const [stillJumps, roadJumps] = [unsteadiness(still), unsteadiness(road)];
  return roadJumps < STEADIER * stillJumps ? 'road' : 'static';
}

/** Median of |ln(v / v')| between neighbours in time; NaN where there are none. */
export function unsteadiness(motions: readonly Moved[]): number {
  const speeds = motions.map(({ target, next, nextPose: m }) => ({
    target,
    speed: Math.hypot(m[3], m[7], m[11]) / (next - target),
  }));
  const jumps: number[] = [];
  for (let i = 1; i < speeds.length; i++) {
    const [before, after] = [speeds[i - 1], speeds[i]];
    if (after.target - before.target > NEIGHBOURS || !(before.speed > 0 && after.speed > 0)) continue;
    jumps.push(Math.abs(Math.log(after.speed / before.speed)));
  }
  jumps.sort((a, b) => a - b);
  return jumps[jumps.length >> 1] ?? Number.NaN;
}
