import { NO_DISTORTION } from '../../../msgs/camera/distortion.js';
import { cropIntrinsics } from '../../../msgs/camera/intrinsics.js';
import { readVelodyne } from '../kitti/read-velodyne.js';
import { projectPoints } from '../stores/project-points.js';
import type { SparseDepth } from '../stores/sparse-depth.js';
import type { DepthFile } from './frame-files.js';

/** Depths of a LiDAR sweep in a picture of this size. @throws TrainingError naming the file. */
export async function readVelodyneDepth(
  depth: Extract<DepthFile, { kind: 'velodyne' }>,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<SparseDepth> {
  const published = depth.convention === 'monodepth2';
  const camera = {
    intrinsics: published ? cropIntrinsics(depth.intrinsics, 1, 1) : depth.intrinsics,
    distortion: NO_DISTORTION,
  };
  const points = await readVelodyne(depth.file);
  const pointDepth = published ? 'sourceX' : 'cameraZ';
  return projectPoints(points, {
    cameraFromSource: depth.cameraFromLidar,
    camera,
    height,
    width,
    pointDepth,
  });
}
