import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import type { MotionView } from './motion-view.js';

/** One pixel is asked of each cell of so many squared. */
const CELL = 24;

/**
 * How far the camera's motion between two views moves what stands in the picture: the mean of a grid of pixels, in pixels. It
 * is at most `most`, and that too where nothing of the grid is seen in both.
 */
export function cameraShift(
  { height, width, depth, intrinsics }: Pick<MotionView, 'height' | 'width' | 'depth' | 'intrinsics'>,
  earlierFromLater: RigidTransform,
  most: number,
): number {
  const { fx, fy, cx, cy } = intrinsics;
  const m = (i: number) => earlierFromLater[i] as number;
  let count = 0;
  let sum = 0;
  for (let row = CELL >> 1; row < height; row += CELL) {
    for (let column = CELL >> 1; column < width; column += CELL) {
      const nearness = 1 / (depth[row * width + column] as number); // 0 for what is infinitely far
      if (!(nearness >= 0)) continue;
      const [x, y] = [(column - cx) / fx, (row - cy) / fy];
      const z = m(8) * x + m(9) * y + m(10) + m(11) * nearness;
      if (!(z > 0)) continue;
      const u = (fx * (m(0) * x + m(1) * y + m(2) + m(3) * nearness)) / z + cx;
      const v = (fy * (m(4) * x + m(5) * y + m(6) + m(7) * nearness)) / z + cy;
      count += 1;
      sum += Math.min(most, Math.hypot(u - column, v - row));
    }
  }
  return count === 0 ? most : sum / count;
}
