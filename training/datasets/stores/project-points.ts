import type { CameraModel } from '../../../msgs/camera/camera-model.js';
import { distort, undistort } from '../../../msgs/camera/distortion.js';
import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import type { PointCoordinates } from '../../../msgs/read-points.js';
import type { SparseDepth } from './sparse-depth.js';

/** Points nearer than this (metres) belong to the vehicle or to noise. */
const NEAREST_METERS = 0.1;

/** What the depth of a point is: camera z, or the x of its own frame (forward in a LiDAR's). */
export type PointDepth = 'cameraZ' | 'sourceX';

/**
 * Projects points into a camera. (u, v) = (fx x' + cx, fy y' + cy), rounded to the pixel, with (x', y') the distorted (x / z,
 * y / z).
 *
 * Where several points fall on a pixel the nearest counts: it hides the others. Points that are not finite are left out. So
 * are those outside the lens model's range, which a distortion polynomial would fold back into the image.
 * @param cameraFromSource into the camera's optical frame (x right, y down, z forward).
 * @returns depth at the pixels that a point falls on.
 */
export function projectPoints(
  points: PointCoordinates,
  {
    cameraFromSource,
    camera,
    height,
    width,
    pointDepth = 'cameraZ',
  }: {
    readonly cameraFromSource: RigidTransform;
    readonly camera: CameraModel;
    readonly height: number;
    readonly width: number;
    readonly pointDepth?: PointDepth;
  },
): SparseDepth {
  const m = (index: number): number => cameraFromSource[index] ?? Number.NaN;
  const { fx, fy, cx, cy } = camera.intrinsics;
  const nearest = new Float32Array(height * width);
  let count = 0;
  for (let i = 0; i < points.count; i++) {
    const px = points.x[i] ?? Number.NaN;
    const py = points.y[i] ?? Number.NaN;
    const pz = points.z[i] ?? Number.NaN;
    const z = m(8) * px + m(9) * py + m(10) * pz + m(11);
    if (!(z > NEAREST_METERS)) continue;
    const x = (m(0) * px + m(1) * py + m(2) * pz + m(3)) / z;
    const y = (m(4) * px + m(5) * py + m(6) * pz + m(7)) / z;
    const imaged = distort(camera.distortion, x, y);
    const column = Math.round(fx * imaged.x + cx);
    const row = Math.round(fy * imaged.y + cy);
    if (!(column >= 0 && column < width && row >= 0 && row < height)) continue;
    if (camera.distortion.model !== 'none') {
      const back = undistort(camera.distortion, imaged.x, imaged.y);
      if (back === undefined || Math.hypot(back.x - x, back.y - y) > 1e-3) continue;
    }
    const depth = pointDepth === 'cameraZ' ? z : px;
    if (!(depth > NEAREST_METERS)) continue;
    const pixel = row * width + column;
    const seen = nearest[pixel] ?? 0;
    if (seen === 0) count++;
    if (seen === 0 || depth < seen) nearest[pixel] = depth;
  }
  return sparsePixels(nearest, count, height, width);
}

function sparsePixels(nearest: Float32Array, count: number, height: number, width: number): SparseDepth {
  const columns = new Uint16Array(count);
  const rows = new Uint16Array(count);
  const depthMeters = new Float32Array(count);
  for (let pixel = 0, next = 0; next < count; pixel++) {
    const depth = nearest[pixel] ?? 0;
    if (depth === 0) continue;
    columns[next] = pixel % width;
    rows[next] = Math.floor(pixel / width);
    depthMeters[next++] = depth;
  }
  return { height, width, columns, rows, depthMeters };
}
