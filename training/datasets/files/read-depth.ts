import { NO_DISTORTION } from '../../../msgs/camera/distortion.js';
import { cropIntrinsics } from '../../../msgs/camera/intrinsics.js';
import { readVelodyne } from '../kitti/read-velodyne.js';
import { projectPoints } from '../stores/project-points.js';
import { type SparseDepth, sparseFromDense } from '../stores/sparse-depth.js';
import type { DepthFile } from './frame-files.js';
import { type GrayPng, readGray16 } from './read-gray-png.js';

/**
 * The true depths of a picture, camera z in metres.
 * @param size of the picture, for truth that has none of its own (LiDAR).
 * @throws TrainingError naming the file.
 */
export async function readDepth(
  depth: DepthFile,
  size: { readonly height: number; readonly width: number },
): Promise<SparseDepth> {
  if (depth.kind === 'velodyne') {
    const { height, width } = size;
    const published = depth.convention === 'monodepth2';
    const camera = {
      intrinsics: published ? cropIntrinsics(depth.intrinsics, 1, 1) : depth.intrinsics,
      distortion: NO_DISTORTION,
    };
    const points = await readVelodyne(depth.file);
    const pointDepth = published ? 'sourceX' : 'cameraZ';
    return projectPoints(points, depth.cameraFromLidar, camera, height, width, pointDepth);
  }
  const stored = await readGray16(depth.file);
  return depth.kind === 'depth'
    ? sparseOf(stored, (value) => value / depth.unitsPerMeter)
    : sparseOf(stored, (value) => (depth.focalBaseline * depth.unitsPerPixel) / value);
}

/** 0 means that nothing is known. */
function sparseOf(
  { height, width, values }: GrayPng<Uint16Array>,
  metersOf: (value: number) => number,
): SparseDepth {
  const depthMeters = Float32Array.from(values, (value) => (value === 0 ? Number.NaN : metersOf(value)));
  return sparseFromDense(depthMeters, height, width);
}
