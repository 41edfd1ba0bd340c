import { identityTransform, type RigidTransform } from '../msgs/camera/rigid-transform.js';

/**
 * First guesses of a camera that drives along its optical axis, as otherFromThis.
 * @param shares how far, in median depths of what is seen.
 * @param direction 1 when the other picture was taken later, -1 when earlier.
 */
export function forwardGuesses(
  medianDepth: number,
  shares: readonly number[],
  direction: 1 | -1,
): RigidTransform[] {
  return shares.map((share) => {
    const pose = identityTransform();
    pose[11] = -direction * share * medianDepth;
    return pose;
  });
}
