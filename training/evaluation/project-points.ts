import type { SparseDepth } from './sparse-depth.js';

/** Row-major 3 x 3 camera matrix of a rectified image, pixels; pixel centres at integers. */
export type CameraMatrix = ArrayLike<number>;

/**
 * Projects points into a camera without distortion: (u, v) = (fx x / z + cx, fy y / z + cy), rounded to the pixel.
 *
 * Where several points fall on a pixel the nearest counts: it hides the others.
 * @param points [N, 3], metres, in the source frame; points that are not finite are left out.
 * @param cameraFromSource 4 x 4 row major, into the camera's optical frame (x right, y down, z forward).
 * @param k 3 x 3 row major.
 * @param minMeters points nearer than this (camera z) are left out, default 0.1.
 */
export function projectPoints(
  points: ArrayLike<number>,
  cameraFromSource: ArrayLike<number>,
  k: CameraMatrix,
  height: number,
  width: number,
  minMeters = 0.1,
): SparseDepth {
  const m = Array.from(cameraFromSource);
  const [m00 = 0, m01 = 0, m02 = 0, m03 = 0, m10 = 0, m11 = 0, m12 = 0, m13 = 0] = m;
  const [m20 = 0, m21 = 0, m22 = 0, m23 = 0] = m.slice(8);
  const [fx = 0, , cx = 0, , fy = 0, cy = 0] = Array.from(k);
  const nearest = new Float32Array(height * width);
  let count = 0;
  for (let i = 0; i + 2 < points.length; i += 3) {
    const px = points[i] ?? Number.NaN;
    const py = points[i + 1] ?? Number.NaN;
    const pz = points[i + 2] ?? Number.NaN;
    const z = m20 * px + m21 * py + m22 * pz + m23;
    if (!(z > minMeters)) continue;
    const column = Math.round((fx * (m00 * px + m01 * py + m02 * pz + m03)) / z + cx);
    const row = Math.round((fy * (m10 * px + m11 * py + m12 * pz + m13)) / z + cy);
    if (!(column >= 0 && column < width && row >= 0 && row < height)) continue;
    const pixel = row * width + column;
    const seen = nearest[pixel] ?? 0;
    if (seen === 0) count++;
    if (seen === 0 || z < seen) nearest[pixel] = z;
  }
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
