import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { KIND, type MotionView } from './motion-view.js';

/** How the dynamic classes of two views lie on each other. */
export interface DynamicOverlap {
  /** [H, W] of the later view: 1 where it, or the earlier view warped into it, shows a dynamic class. mu_t is 0 there. */
  readonly either: Uint8Array;
  /** Lambda: intersection over union of the two masks, 0..1; 1 where both are empty, since then nothing moves. */
  readonly lambda: number;
}

/**
 * Warps the earlier view's dynamic-class mask into the later one, by the later one's depth and the camera's motion, and
 * compares the two. What the earlier view does not show is of no dynamic class.
 *
 * Source: SGDepth, eq. 7 (nearest sampling), 8 and 10, in the causal form: the earlier frame alone.
 */
export function dynamicOverlap(
  {
    depth,
    kinds,
    height,
    width,
    intrinsics,
  }: Pick<MotionView, 'depth' | 'kinds' | 'height' | 'width' | 'intrinsics'>,
  earlierKinds: Uint8Array,
  earlierFromLater: RigidTransform,
): DynamicOverlap {
  const { fx, fy, cx, cy } = intrinsics;
  const [r0, r1, r2, tx, r4, r5, r6, ty, r8, r9, r10, tz] = earlierFromLater as unknown as number[] & {
    length: 12;
  };
  const either = new Uint8Array(height * width);
  let [intersection, union] = [0, 0];
  for (let row = 0, at = 0; row < height; row++) {
    const y = (row - cy) / fy;
    for (let column = 0; column < width; column++, at++) {
      const x = (column - cx) / fx;
      const w = 1 / (depth[at] as number);
      const qz = (r8 as number) * x + (r9 as number) * y + (r10 as number) + w * (tz as number);
      const qx = (r0 as number) * x + (r1 as number) * y + (r2 as number) + w * (tx as number);
      const qy = (r4 as number) * x + (r5 as number) * y + (r6 as number) + w * (ty as number);
      const u = Math.floor((fx * qx) / qz + cx + 0.5);
      const v = Math.floor((fy * qy) / qz + cy + 0.5);
      // False for NaN too.
      const inside = qz > 0 && u >= 0 && v >= 0 && u < width && v < height;
      const warped = inside && earlierKinds[v * width + u] !== KIND.none;
      const here = kinds[at] !== KIND.none;
      if (here && warped) intersection += 1;
      if (here || warped) {
        union += 1;
        either[at] = 1;
      }
    }
  }
  return { either, lambda: union === 0 ? 1 : intersection / union };
}
