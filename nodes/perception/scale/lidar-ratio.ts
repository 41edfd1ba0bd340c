import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { transformPoint } from '../../../msgs/camera/rigid-transform.js';
import { pointCloud2Codec } from '../../../msgs/point-cloud2.js';
import { readPoints } from '../../../msgs/read-points.js';
import type { FrameMaps } from '../engine/frame-maps.js';
import type { LidarScan } from '../motion/motion-protocol.js';

const LEAST_POINTS = 100;
/** Points of a scan that are looked at, at most. */
const MOST_POINTS = 20_000;

/**
 * Median of LiDAR depth / depth, over the points of a scan that fall into the picture.
 * @param intrinsics in pixels of the maps; points are taken as they lie, without the camera's distortion.
 * @returns undefined where fewer than 100 do.
 */
export function lidarRatio(
  { depth, height, width }: Pick<FrameMaps, 'depth' | 'height' | 'width'>,
  { fx, fy, cx, cy }: Intrinsics,
  { cdr, cameraFromLidar }: LidarScan,
): number | undefined {
  const { count, x, y, z } = readPoints(pointCloud2Codec.decode(cdr));
  const step = Math.max(1, Math.floor(count / MOST_POINTS));
  const ratios: number[] = [];
  for (let i = 0; i < count; i += step) {
    const point = transformPoint(cameraFromLidar, {
      x: x[i] as number,
      y: y[i] as number,
      z: z[i] as number,
    });
    if (!(point.z > 0.5)) continue;
    const u = Math.round((fx * point.x) / point.z + cx);
    const v = Math.round((fy * point.y) / point.z + cy);
    if (!(u >= 0 && v >= 0 && u < width && v < height)) continue;
    const own = depth[v * width + u] as number;
    if (own > 0 && own < Number.POSITIVE_INFINITY) ratios.push(point.z / own);
  }
  if (ratios.length < LEAST_POINTS) return undefined;
  ratios.sort((a, b) => a - b);
  return ratios[ratios.length >> 1];
}
