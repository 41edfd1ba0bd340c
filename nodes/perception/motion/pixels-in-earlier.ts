import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import type { MotionView } from './motion-view.js';

/** Where an earlier view shows the pixels of a later one if nothing moves but the camera. */
export interface EarlierPixels {
  /** [H, W] index of the nearest pixel, -1 outside of the picture or behind the camera. */
  readonly at: Int32Array;
  /** [H, W] camera z there, Infinity for what is infinitely far; NaN where `at` is -1. */
  readonly depth: Float32Array;
}

/**
 * Projects every pixel of the later view by its depth.
 *
 * Source: SGDepth, eq. 1, with nearest sampling as in eq. 7.
 */
export function pixelsInEarlier(
  view: Pick<MotionView, 'depth' | 'height' | 'width' | 'intrinsics'>,
  earlierFromLater: RigidTransform,
): EarlierPixels {
  const { height, width } = view;
  const { fx, fy, cx, cy } = view.intrinsics;
  const [r0, r1, r2, tx, r4, r5, r6, ty, r8, r9, r10, tz] = earlierFromLater as unknown as number[] & {
    length: 12;
  };
  const at = new Int32Array(height * width).fill(-1);
  const depth = new Float32Array(height * width).fill(Number.NaN);
  for (let row = 0, i = 0; row < height; row++) {
    const y = (row - cy) / fy;
    for (let column = 0; column < width; column++, i++) {
      const x = (column - cx) / fx;
      const w = 1 / (view.depth[i] as number);
      const qz = (r8 as number) * x + (r9 as number) * y + (r10 as number) + w * (tz as number);
      const qx = (r0 as number) * x + (r1 as number) * y + (r2 as number) + w * (tx as number);
      const qy = (r4 as number) * x + (r5 as number) * y + (r6 as number) + w * (ty as number);
      const u = Math.floor((fx * qx) / qz + cx + 0.5);
      const v = Math.floor((fy * qy) / qz + cy + 0.5);
      // False for NaN too.
      if (!(qz > 0 && u >= 0 && v >= 0 && u < width && v < height)) continue;
      at[i] = v * width + u;
      depth[i] = qz / w;
    }
  }
  return { at, depth };
}
