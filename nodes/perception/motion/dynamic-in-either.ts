import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { KIND, type MotionView } from './motion-view.js';
import { pixelsInEarlier } from './pixels-in-earlier.js';

/**
 * Where the dynamic classes of a view, or those of an earlier one warped into it, are: there mu_t is 0. What the earlier
 * view does not show is of no dynamic class.
 *
 * Source: SGDepth, eq. 7 (nearest sampling) and 8, in the causal form: the earlier frame alone.
 * @returns [H, W] of the later view, 1 or 0.
 */
export function dynamicInEither(
  view: Pick<MotionView, 'depth' | 'kinds' | 'height' | 'width' | 'intrinsics'>,
  earlierKinds: Uint8Array,
  earlierFromLater: RigidTransform,
): Uint8Array {
  const { at } = pixelsInEarlier(view, earlierFromLater);
  const { kinds } = view;
  const either = new Uint8Array(kinds.length);
  for (let i = 0; i < either.length; i++) {
    const there = at[i] as number;
    if (kinds[i] !== KIND.none || (there >= 0 && earlierKinds[there] !== KIND.none)) either[i] = 1;
  }
  return either;
}
