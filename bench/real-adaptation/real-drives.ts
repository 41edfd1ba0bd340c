/** A recorded drive, and what is known of it beside its pictures. */
export interface RealDrive {
  readonly name: string;
  /** Measured depths: nobody but the bench sees them. */
  readonly truthTopic?: string;
  /** Of the camera over the road, metres. */
  readonly cameraHeight?: number;
  /** Says how far the vehicle came. */
  readonly odometry?: string;
}

/** Those of the folder of --data that the bench knows. */
export const REAL_DRIVES: readonly RealDrive[] = [
  { name: 'kitti_road_raw', truthTopic: '/sfm/points', cameraHeight: 1.65 },
  { name: 'kitti_stereo_1', truthTopic: '/stereo/points', odometry: '/ground_truth/pose' },
  { name: 'highway_dashcam' },
  { name: 'kitti_traffic_jam', truthTopic: '/kitti/velo/points' },
];

/** @throws Error for a drive that is none of them. */
export function realDrive(name: string): RealDrive {
  const found = REAL_DRIVES.find((drive) => drive.name === name);
  if (found !== undefined) return found;
  throw new Error(
    `--drives: expected some of ${REAL_DRIVES.map((drive) => drive.name).join(', ')}, got ${name}`,
  );
}
