import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { solveSymmetric } from '../../../vision/solve-symmetric.js';
import type { FrameMaps } from '../engine/frame-maps.js';

const LEAST_PIXELS = 200;
const MOST_PIXELS = 3000;
const ITERATIONS = 8;
/** Distances from the plane, as a share of the height, from which on pixels count less (Cauchy). */
const OUTLIER = 0.05;
/** The plane's normal leans by at most this much against the picture's columns: tan 25 degrees. */
const STEEPEST = 0.47;
/** Standard deviation of how much cameras lean against the road, as a tangent: 3 degrees. */
const USUAL_LEAN = 0.05;
/**
 * Errors of the depth are shared by neighbouring pixels: together, all pixels tell as much as this many that err
 * independently, each by the share of the height that `OUTLIER` is. Where only a short stretch of road is seen, a bend in
 * its depth would otherwise pass for a steep road, and the height of the camera over it be far off.
 */
const INDEPENDENT = 3;
/** Pixels farther than this many camera heights show the road at too small an angle. */
const FARTHEST = 12;
/** Share of the pixels that must lie within two outlier distances of the plane. */
const LEAST_ON_PLANE = 0.5;

/**
 * Height of the camera over the road: the distance to a plane through the pixels of class road, in the unit of the depth.
 * The plane y = a + b x + c z is fitted by iteratively reweighted least squares; near pixels count most, since the depth's
 * errors grow with the depth. It leans no more than the pixels show it to, as cameras are mounted nearly level.
 * @param intrinsics in pixels of the maps; @param roadLabel negative: there is no such class.
 * @returns undefined where too little road is seen, or what is seen is no plane below the camera.
 */
export function roadHeight(
  { depth, labels, height, width }: Pick<FrameMaps, 'depth' | 'labels' | 'height' | 'width'>,
  { fx, fy, cx, cy }: Intrinsics,
  roadLabel: number,
): number | undefined {
  if (labels === undefined || roadLabel < 0) return undefined;
  const pixels: number[] = [];
  for (let i = 0; i < labels.length; i++) {
    const z = depth[i] as number;
    if (labels[i] === roadLabel && z > 0 && z < Number.POSITIVE_INFINITY) pixels.push(i);
  }
  if (pixels.length < LEAST_PIXELS) return undefined;
  const step = Math.ceil(pixels.length / MOST_PIXELS);
  const points: { x: number; y: number; z: number }[] = [];
  for (let i = 0; i < pixels.length; i += step) {
    const at = pixels[i] as number;
    const z = depth[at] as number;
    const [u, v] = [at % width, Math.floor(at / width)];
    points.push({ x: ((u - cx) / fx) * z, y: ((v - cy) / fy) * z, z });
  }
  if (height < 2) return undefined;
  const below = points.map(({ y }) => y).sort((p, q) => p - q);
  let plane = { a: below[below.length >> 1] as number, b: 0, c: 0 };
  let onPlane = 0;
  for (let i = 0; i < ITERATIONS; i++) {
    const next = refit(points, plane);
    if (next === undefined) return undefined;
    plane = next.plane;
    onPlane = next.onPlane;
  }
  const { a, b, c } = plane;
  const lean = Math.hypot(b, c);
  if (!(a > 0) || !(lean < STEEPEST) || onPlane < LEAST_ON_PLANE) return undefined;
  return a / Math.sqrt(1 + lean * lean);
}

interface Plane {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

function refit(
  points: readonly { readonly x: number; readonly y: number; readonly z: number }[],
  { a, b, c }: Plane,
): { plane: Plane; onPlane: number } | undefined {
  const matrix = new Float64Array(9);
  const right = new Float64Array(3);
  const scale = Math.abs(a);
  let [near, close, weights] = [0, 0, 0];
  for (const { x, y, z } of points) {
    if (z > FARTHEST * scale) continue;
    near += 1;
    const off = (y - a - b * x - c * z) / scale;
    if (Math.abs(off) < 2 * OUTLIER) close += 1;
    const weight = 1 / (1 + (off / OUTLIER) ** 2) / (z * z);
    weights += weight;
    const row = [1, x, z];
    for (let p = 0; p < 3; p++) {
      const weighted = weight * (row[p] as number);
      right[p] = (right[p] as number) + weighted * y;
      for (let q = 0; q <= p; q++)
        matrix[3 * p + q] = (matrix[3 * p + q] as number) + weighted * (row[q] as number);
    }
  }
  if (near < LEAST_PIXELS / 2) return undefined;
  const level = (weights * (OUTLIER * scale) ** 2) / (INDEPENDENT * USUAL_LEAN ** 2);
  matrix[4] = (matrix[4] as number) + level;
  matrix[8] = (matrix[8] as number) + level;
  const solved = solveSymmetric(matrix, right);
  if (solved === undefined) return undefined;
  const [newA = 0, newB = 0, newC = 0] = solved;
  return { plane: { a: newA, b: newB, c: newC }, onPlane: close / near };
}
