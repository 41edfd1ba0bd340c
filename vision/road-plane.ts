import type { Intrinsics } from '../msgs/camera/intrinsics.js';
import type { GroundPlane } from './ground-plane.js';
import { solveSymmetric } from './solve-symmetric.js';

/** [height, width]; depth in any unit, labels trainIds. */
export interface RoadMaps {
  readonly depth: Float32Array;
  readonly labels?: Uint8Array | undefined;
  readonly height: number;
  readonly width: number;
}

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
 * Errors of the depth are shared by neighbouring pixels. Together, all pixels tell as much as this many that err
 * independently, each by the share of the height that `OUTLIER` is. Where only a short stretch of road is seen, a bend in its
 * depth would otherwise pass for a steep road. The height of the camera over it would be far off.
 */
const INDEPENDENT = 3;
/** Pixels farther than this many camera heights show the road at too small an angle. */
const FARTHEST = 12;
/** Share of the pixels that must lie within two outlier distances of the plane. */
const LEAST_ON_PLANE = 0.5;

// Of the road, used again from one frame to the next.
let pixels = new Int32Array(0);

/**
 * The plane through the pixels of class road, in the unit of the depth, fitted by iteratively reweighted least squares. Near
 * pixels count most, since the depth's errors grow with the depth. It leans no more than the pixels show it to, as cameras
 * are mounted nearly level.
 * @param intrinsics in pixels of the maps; @param roadLabel negative: there is no such class.
 * @returns undefined where too little road is seen, or what is seen is no plane below the camera.
 */
export function roadPlane(
  { depth, labels, height, width }: RoadMaps,
  { fx, fy, cx, cy }: Intrinsics,
  roadLabel: number,
): GroundPlane | undefined {
  if (labels === undefined || roadLabel < 0) return undefined;
  if (pixels.length < labels.length) pixels = new Int32Array(labels.length);
  let found = 0;
  for (let i = 0; i < labels.length; i++) {
    const z = depth[i] as number;
    if (labels[i] === roadLabel && z > 0 && z < Number.POSITIVE_INFINITY) pixels[found++] = i;
  }
  if (found < LEAST_PIXELS || height < 2) return undefined;
  const step = Math.ceil(found / MOST_PIXELS);
  const count = Math.ceil(found / step);
  const points = { x: new Float64Array(count), y: new Float64Array(count), z: new Float64Array(count) };
  for (let to = 0; to < count; to++) {
    const at = pixels[to * step] as number;
    const z = depth[at] as number;
    points.x[to] = (((at % width) - cx) / fx) * z;
    points.y[to] = ((Math.floor(at / width) - cy) / fy) * z;
    points.z[to] = z;
  }
  const below = points.y.slice().sort();
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
  return plane;
}

/** Coordinates in the camera's frame. */
interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
}

function refit(
  points: Points,
  { a, b, c }: GroundPlane,
): { plane: GroundPlane; onPlane: number } | undefined {
  // The normal equations' sums, by the coordinates of their row and column: 1, x and z.
  let xs = 0;
  let xx = 0;
  let zs = 0;
  let zx = 0;
  let zz = 0;
  let ys = 0;
  let yx = 0;
  let yz = 0;
  const scale = Math.abs(a);
  let near = 0;
  let close = 0;
  let weights = 0;
  for (let i = 0; i < points.z.length; i++) {
    const x = points.x[i] as number;
    const y = points.y[i] as number;
    const z = points.z[i] as number;
    if (z > FARTHEST * scale) continue;
    near += 1;
    const off = (y - a - b * x - c * z) / scale;
    if (Math.abs(off) < 2 * OUTLIER) close += 1;
    const share = off / OUTLIER; // not squared by **, which calls a function
    const weight = 1 / (1 + share * share) / (z * z);
    weights += weight;
    const byX = weight * x;
    const byZ = weight * z;
    ys += weight * y;
    yx += byX * y;
    yz += byZ * y;
    xs += byX;
    xx += byX * x;
    zs += byZ;
    zx += byZ * x;
    zz += byZ * z;
  }
  if (near < LEAST_PIXELS / 2) return undefined;
  const level = (weights * (OUTLIER * scale) ** 2) / (INDEPENDENT * USUAL_LEAN ** 2);
  const matrix = Float64Array.of(weights, 0, 0, xs, xx + level, 0, zs, zx, zz + level);
  const solved = solveSymmetric(matrix, Float64Array.of(ys, yx, yz));
  if (solved === undefined) return undefined;
  const [newA = 0, newB = 0, newC = 0] = solved;
  return { plane: { a: newA, b: newB, c: newC }, onPlane: close / near };
}
