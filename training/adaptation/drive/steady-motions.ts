import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { median } from '../../../vision/median.js';

interface Moved {
  readonly target: number;
  readonly next: number;
  readonly nextPose: RigidTransform;
}

/** Neighbours in time, on both sides together, that tell what a vehicle's speed was. */
const NEIGHBOURS = 12;
/** Within their time no vehicle changes its speed by more. */
const MOST_CHANGE = 1.6;
/** Where more jump than this, nobody knows which are right. */
const MOST_LEFT_OUT = 0.4;

/**
 * Motions without those that jump: a vehicle does not stand in one picture and drive 25 m/s in the next. A pose that jumps is a
 * wrong one, and would teach a depth that explains it.
 * @param motions of one drive in the order of time.
 * @returns all of them where too many jump to say which are wrong, or where there are too few to compare.
 */
export function steadyMotions<T extends Moved>(motions: readonly T[]): readonly T[] {
  if (motions.length < NEIGHBOURS) return motions;
  const logs = motions.map(({ target, next, nextPose: m }) =>
    Math.log(Math.max(1e-6, Math.hypot(m[3], m[7], m[11])) / (next - target)),
  );
  const steady = motions.filter((_, i) => {
    const first = Math.max(0, Math.min(logs.length - NEIGHBOURS - 1, i - NEIGHBOURS / 2));
    const around = logs.slice(first, first + NEIGHBOURS + 1);
    return Math.abs(logs[i] - median(around)) < Math.log(MOST_CHANGE);
  });
  return steady.length < (1 - MOST_LEFT_OUT) * motions.length ? motions : steady;
}
