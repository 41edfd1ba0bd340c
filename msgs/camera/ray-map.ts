import type { CameraModel } from './camera-model.js';
import { undistort } from './distortion.js';

/**
 * The undistorted ray of every `stride`-th pixel: times the depth z, it is the pixel's point.
 *
 * @returns [ceil(height / stride), ceil(width / stride), 2]. They are x and y at z = 1 in the optical frame, for the pixel
 * (u, v) = (column * stride, row * stride) of the delivered image. It is NaN where the lens model images no ray.
 */
export function rayMap(model: CameraModel, height: number, width: number, stride: number): Float32Array {
  const { intrinsics, distortion } = model;
  const rows = Math.ceil(height / stride);
  const columns = Math.ceil(width / stride);
  const rays = new Float32Array(rows * columns * 2);
  let i = 0;
  for (let row = 0; row < rows; row++) {
    const y = (row * stride - intrinsics.cy) / intrinsics.fy;
    for (let column = 0; column < columns; column++) {
      const x = (column * stride - intrinsics.cx) / intrinsics.fx;
      const ray = undistort(distortion, x, y);
      rays[i++] = ray?.x ?? Number.NaN;
      rays[i++] = ray?.y ?? Number.NaN;
    }
  }
  return rays;
}
