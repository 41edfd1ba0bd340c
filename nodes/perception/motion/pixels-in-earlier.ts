import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import type { MotionView } from './motion-view.js';

/** Where an earlier view shows the pixels of a later one if nothing moves but the camera. */
export interface EarlierPixels {
  /** [H, W] index of the nearest pixel, -1 outside of the picture or behind the camera. */
  readonly at: Int32Array;
  /** [H, W] camera z there, Infinity for what is infinitely far; nothing is said where `at` is -1. */
  readonly depth: Float32Array;
}

// Of the call before, used again: a frame asks twice.
let memory: EarlierPixels = { at: new Int32Array(0), depth: new Float32Array(0) };
// The columns' share in the rotated rays, by coordinate.
let rotated = { x: new Float64Array(0), y: new Float64Array(0), z: new Float64Array(0) };

/**
 * Projects every pixel of the later view by its depth. What it returns holds until the next call.
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
  if (memory.at.length !== height * width) {
    memory = { at: new Int32Array(height * width), depth: new Float32Array(height * width) };
  }
  if (rotated.x.length !== width) {
    const numbers = () => new Float64Array(width);
    rotated = { x: numbers(), y: numbers(), z: numbers() };
  }
  const { at, depth } = memory;
  const { x: rx, y: ry, z: rz } = rotated;
  for (let column = 0; column < width; column++) {
    const x = (column - cx) / fx;
    rx[column] = (r0 as number) * x;
    ry[column] = (r4 as number) * x;
    rz[column] = (r8 as number) * x;
  }
  const own = view.depth;
  for (let row = 0, i = 0; row < height; row++) {
    const y = (row - cy) / fy;
    const yx = (r1 as number) * y;
    const yy = (r5 as number) * y;
    const yz = (r9 as number) * y;
    for (let column = 0; column < width; column++, i++) {
      const z = own[i] as number;
      const w = 1 / z;
      const qz = (rz[column] as number) + yz + (r10 as number) + w * (tz as number);
      const qx = (rx[column] as number) + yx + (r2 as number) + w * (tx as number);
      const qy = (ry[column] as number) + yy + (r6 as number) + w * (ty as number);
      const shrunk = 1 / qz;
      const u = Math.floor(fx * qx * shrunk + cx + 0.5);
      const v = Math.floor(fy * qy * shrunk + cy + 0.5);
      // False for NaN too.
      if (qz > 0 && u >= 0 && v >= 0 && u < width && v < height) {
        at[i] = v * width + u;
        depth[i] = qz * z;
      } else at[i] = -1;
    }
  }
  return memory;
}
