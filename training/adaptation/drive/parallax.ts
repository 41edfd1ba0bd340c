import { scaleIntrinsics } from '../../../msgs/camera/intrinsics.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import type { DepthFrame } from '../../../vision/direct-pose.js';
import { median } from '../../../vision/median.js';

/** Level of the pyramid at which parallax is measured. */
const LEVEL = 2;
/** Farther than 10 km is infinitely far. */
const LEAST_INVERSE = 1e-4;

/**
 * By how much the motion moves the pixels because they have a depth, in pixels of the finest level. It is the median distance
 * between where a pixel goes and where it would go if it were infinitely far. All pixels that count and have a finite depth
 * are asked. 0 for a camera that only turns.
 */
export function medianParallax(target: DepthFrame, sourceFromTarget: RigidTransform): number {
  const level = Math.min(LEVEL, target.grey.length - 1);
  const { width, height } = target.grey[level];
  const inverse = target.inverseDepth[level];
  const weight = target.weight[level];
  const { fx, fy, cx, cy } = scaleIntrinsics(target.intrinsics, 1 / 2 ** level, 1 / 2 ** level);
  const m = sourceFromTarget;
  const shifts: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (weight[i] < 0.5 || inverse[i] < LEAST_INVERSE) continue;
      const [rx, ry] = [(x - cx) / fx, (y - cy) / fy];
      const far = [0, 4, 8].map((row) => m[row] * rx + m[row + 1] * ry + m[row + 2]);
      const near = far.map((value, axis) => value + inverse[i] * m[4 * axis + 3]);
      if (!(far[2] > 1e-3 && near[2] > 1e-3)) continue;
      shifts.push(fx * Math.hypot(near[0] / near[2] - far[0] / far[2], near[1] / near[2] - far[1] / far[2]));
    }
  }
  return shifts.length === 0 ? 0 : median(shifts) * 2 ** level;
}
