/**
 * The source of the metric scale. It is none, the model itself, a constant factor, the mounting height of the camera over the
 * road, the speed from odometry, or a LiDAR.
 */
export const SCALE_SOURCES = ['none', 'model', 'constant', 'camera_height', 'odometry', 'lidar'] as const;

/** A source of the metric scale. */
export type ScaleSource = (typeof SCALE_SOURCES)[number];

/** Those whose factor is estimated from the frames. */
export function isEstimated(source: ScaleSource): boolean {
  return source === 'camera_height' || source === 'odometry' || source === 'lidar';
}
