import type { Intrinsics } from '../../../../msgs/camera/intrinsics.js';
import { sparseFromDense } from '../../../datasets/stores/sparse-depth.js';
import { findGroundPlane, type GroundPlane, heightOver } from '../../../evaluation/phantoms/ground-plane.js';

/** Upper ends of the bins: metres over the road, metres ahead, metres beside the camera, share of the upright in a surface. */
const HEIGHTS = [-0.5, -0.15, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4.5, 7, Number.POSITIVE_INFINITY] as const;
const AHEAD = [6, 12, 25, 50, Number.POSITIVE_INFINITY] as const;
const BESIDE = [2, 4, 7, 12, Number.POSITIVE_INFINITY] as const;
const UPRIGHT = [0.3, 0.8, Number.POSITIVE_INFINITY] as const;

/** How many cells there are: those of what has a depth, one for what has none, one for what is too far. */
export const SCENE_CELLS = HEIGHTS.length * AHEAD.length * BESIDE.length * UPRIGHT.length + 2;
const WITHOUT_DEPTH = SCENE_CELLS - 1;
const TOO_FAR = SCENE_CELLS - 2;

/** Rows above and below between which a surface's direction is measured. */
const REACH = 2;
/** Every so many rows and columns the road is looked for. */
const ROAD_STEP = 3;

/**
 * Where in the scene each pixel lies, by depth alone: over the road, ahead, beside, and whether its surface stands or lies.
 * Classes have no say in it.
 * @param depthMeters [H, W]; +Infinity is too far.
 * @returns [H, W] cells, 0..SCENE_CELLS - 1; undefined where no road is found under the camera.
 */
export function sceneCells(
  depthMeters: Float32Array,
  { fx, fy, cx, cy }: Intrinsics,
  width: number,
  height: number,
): Uint16Array | undefined {
  const plane = roadPlane(depthMeters, { fx, fy, cx, cy }, width, height);
  if (plane === undefined) return undefined;
  const cells = new Uint16Array(depthMeters.length);
  for (let v = 0; v < height; v++) {
    const [above, below] = [Math.max(0, v - REACH), Math.min(height - 1, v + REACH)];
    for (let u = 0; u < width; u++) {
      const i = v * width + u;
      const z = depthMeters[i];
      if (!(z > 0)) {
        cells[i] = WITHOUT_DEPTH;
        continue;
      }
      if (z === Number.POSITIVE_INFINITY) {
        cells[i] = TOO_FAR;
        continue;
      }
      const x = ((u - cx) / fx) * z;
      const rise = heightOver(plane, x, ((v - cy) / fy) * z, z);
      const [zAbove, zBelow] = [depthMeters[above * width + u], depthMeters[below * width + u]];
      // Of the way from the pixel below to the one above: how much of it leads up.
      const up = Math.abs(((below - cy) / fy) * zBelow - ((above - cy) / fy) * zAbove);
      const away = Math.abs(zAbove - zBelow);
      const upright = Number.isFinite(up) && Number.isFinite(away) ? up / Math.hypot(up, away) : 1;
      const [a, b, c, d] = [
        bin(HEIGHTS, rise),
        bin(AHEAD, z),
        bin(BESIDE, Math.abs(x)),
        bin(UPRIGHT, upright),
      ];
      cells[i] = ((a * AHEAD.length + b) * BESIDE.length + c) * UPRIGHT.length + d;
    }
  }
  return cells;
}

function roadPlane(
  depthMeters: Float32Array,
  intrinsics: Intrinsics,
  width: number,
  height: number,
): GroundPlane | undefined {
  const { fx, fy, cx, cy } = intrinsics;
  const [columns, rows] = [Math.floor(width / ROAD_STEP), Math.floor(height / ROAD_STEP)];
  const few = new Float32Array(columns * rows);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++)
      few[y * columns + x] = depthMeters[y * ROAD_STEP * width + x * ROAD_STEP];
  return findGroundPlane(sparseFromDense(few, rows, columns), {
    ...{ fx: fx / ROAD_STEP, fy: fy / ROAD_STEP, cx: cx / ROAD_STEP, cy: cy / ROAD_STEP },
  });
}

function bin(ends: readonly number[], value: number): number {
  let at = 0;
  while (at < ends.length - 1 && value > ends[at]) at++;
  return at;
}
