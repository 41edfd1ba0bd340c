import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { solveSymmetric } from '../../../vision/solve-symmetric.js';
import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';

/** The road as a plane in the camera's axes (x right, y down, z ahead): y = height + slope z + tilt x, metres. */
export interface GroundPlane {
  readonly height: number;
  readonly slope: number;
  readonly tilt: number;
}

/** Cameras of road vehicles: metres over the road, and how much the road may rise or lean. */
const HEIGHTS = [0.8, 3.2] as const;
const MOST_SLOPE = 0.12;
const MOST_TILT = 0.12;
const NEAR_METERS = 35;
const LEAST_POINTS = 60;
const TRIALS = 200;

/** How far from the plane a measured point of the road may lie, at z metres. */
export function planeTolerance(z: number): number {
  return 0.1 + 0.008 * z;
}

/**
 * Finds the road in true depths. It is the plane under the camera on which the most of the near points lie (RANSAC with a
 * fixed order, then least squares).
 * @returns undefined where too few points lie on any such plane.
 */
export function findGroundPlane(truth: SparseDepth, { fx, fy, cx, cy }: Intrinsics): GroundPlane | undefined {
  const points: [x: number, y: number, z: number][] = [];
  for (const [i, z] of truth.depthMeters.entries()) {
    const x = (((truth.columns[i] ?? 0) - cx) / fx) * z;
    const y = (((truth.rows[i] ?? 0) - cy) / fy) * z;
    if (
      z < NEAR_METERS &&
      Math.abs(x) < 8 &&
      y > HEIGHTS[0] - MOST_SLOPE * z &&
      y < HEIGHTS[1] + MOST_SLOPE * z
    )
      points.push([x, y, z]);
  }
  if (points.length < LEAST_POINTS) return undefined;
  let best: GroundPlane | undefined;
  let most = 0;
  let state = 1;
  const next = (): [number, number, number] => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return points[state % points.length] as [number, number, number]; // within
  };
  for (let trial = 0; trial < TRIALS; trial++) {
    const plane = solve([next(), next(), next()]);
    if (plane === undefined || !isRoadLike(plane)) continue;
    const count = points.reduce((sum, point) => sum + (isOn(plane, point) ? 1 : 0), 0);
    if (count > most) {
      most = count;
      best = plane;
    }
  }
  if (best === undefined || most < LEAST_POINTS) return undefined;
  const chosen = best;
  const refined = solve(points.filter((point) => isOn(chosen, point)));
  return refined !== undefined && isRoadLike(refined) ? refined : best;
}

/** Height of a point over the plane, metres. */
export function heightOver({ height, slope, tilt }: GroundPlane, x: number, y: number, z: number): number {
  return height + slope * z + tilt * x - y;
}

function isOn(plane: GroundPlane, [x, y, z]: readonly [number, number, number]): boolean {
  return Math.abs(heightOver(plane, x, y, z)) < planeTolerance(z);
}

function isRoadLike({ height, slope, tilt }: GroundPlane): boolean {
  return (
    height > HEIGHTS[0] && height < HEIGHTS[1] && Math.abs(slope) < MOST_SLOPE && Math.abs(tilt) < MOST_TILT
  );
}

/** Least squares of y = height + slope z + tilt x over the points. */
function solve(points: readonly (readonly [number, number, number])[]): GroundPlane | undefined {
  const a = new Float64Array(9);
  const b = new Float64Array(3);
  for (const [x, y, z] of points) {
    const row = [1, z, x] as const;
    for (const [i, p] of row.entries()) {
      for (const [j, q] of row.entries()) a[i * 3 + j] += p * q;
      b[i] += p * y;
    }
  }
  const solved = solveSymmetric(a, b);
  if (solved === undefined || !solved.every(Number.isFinite)) return undefined;
  const [height = 0, slope = 0, tilt = 0] = solved;
  return { height, slope, tilt };
}
