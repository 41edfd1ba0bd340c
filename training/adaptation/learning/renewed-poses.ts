import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { lengthOf } from '../drive/scaled-triplets.js';
import type { PosedTriplet } from './adaptation-batches.js';

/** A pose that became longer or shorter by more than this, beside the common scale, is no refinement of the old one. */
const MOST_CHANGE = 2;

/**
 * Poses that were found again, where they can be trusted; the others stay. Their common scale (the median ratio of their
 * lengths) stays what it was, so that the metres do not drift.
 * @param triplets all, with their poses so far. @param found some of them, in any order.
 * @returns as many as `triplets`, in their order.
 */
export function renewedPoses(
  triplets: readonly PosedTriplet[],
  found: readonly PosedTriplet[],
): PosedTriplet[] {
  const byTarget = new Map(found.map((posed) => [posed.target, posed]));
  const pairs = triplets.map((before) => ({ before, after: byTarget.get(before.target) }));
  // A camera that did not move between two pictures has a length of 0 and tells nothing of the scale.
  const ratios = pairs
    .flatMap(({ before, after }) =>
      after === undefined
        ? []
        : [
            lengthOf(after.previousPose) / lengthOf(before.previousPose),
            lengthOf(after.nextPose) / lengthOf(before.nextPose),
          ],
    )
    .filter((ratio) => ratio > 0 && ratio < Number.POSITIVE_INFINITY)
    .sort((a, b) => a - b);
  const scale = ratios[ratios.length >> 1];
  if (scale === undefined) return [...triplets];
  return pairs.map(({ before, after }) => {
    if (after === undefined) return before;
    const previousPose = shrunk(after.previousPose, scale);
    const nextPose = shrunk(after.nextPose, scale);
    const trusted = similar(previousPose, before.previousPose) && similar(nextPose, before.nextPose);
    if (!trusted) return before;
    if (before.depthFactor === undefined) return { ...before, previousPose, nextPose };
    // Something measured how long they are.
    return {
      ...before,
      previousPose: shrunk(previousPose, lengthOf(previousPose) / lengthOf(before.previousPose)),
      nextPose: shrunk(nextPose, lengthOf(nextPose) / lengthOf(before.nextPose)),
    };
  });
}

function similar(pose: RigidTransform, before: RigidTransform): boolean {
  const ratio = lengthOf(pose) / lengthOf(before);
  return pose.every(Number.isFinite) && ratio > 1 / MOST_CHANGE && ratio < MOST_CHANGE;
}

function shrunk(pose: RigidTransform, factor: number): RigidTransform {
  return pose.map((value, i) => (i % 4 === 3 && i < 12 ? value / factor : value));
}
