import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { KIND, type MotionView } from './motion-view.js';
import { pixelsInEarlier } from './pixels-in-earlier.js';

type Maps = Pick<MotionView, 'depth' | 'kinds' | 'height' | 'width' | 'intrinsics'>;

/** What the earlier view shows nearer by this factor than a pixel should be there hid it. */
const HIDING = 1.4;

/**
 * Lambda: intersection over union of the dynamic classes of a view and of those of an earlier one. The earlier one is warped
 * into the view by the view's depth and the camera's motion. 0..1, and 1 where both are empty, since then nothing moves.
 *
 * Beyond the paper, what the earlier view cannot show does not count, whether it lay outside of its picture or behind
 * something nearer. Only then may the views be far enough apart for things to have moved.
 *
 * Source: SGDepth, eq. 7 (nearest sampling) and 10, in the causal form: an earlier frame alone.
 */
export function dynamicOverlap(
  later: Maps,
  earlier: Pick<MotionView, 'depth' | 'kinds'>,
  earlierFromLater: RigidTransform,
): number {
  const { at, depth } = pixelsInEarlier(later, earlierFromLater);
  let intersection = 0;
  let union = 0;
  for (let i = 0; i < at.length; i++) {
    const there = at[i] as number;
    if (there < 0) continue;
    const here = later.kinds[i] !== KIND.none;
    const before = earlier.kinds[there] !== KIND.none;
    if (!here && !before) continue;
    if ((earlier.depth[there] as number) * HIDING < (depth[i] as number)) continue;
    union += 1;
    if (here && before) intersection += 1;
  }
  return union === 0 ? 1 : intersection / union;
}
