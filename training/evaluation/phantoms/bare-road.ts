import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';
import { type GroundPlane, heightOver, planeTolerance } from './ground-plane.js';

/** Pixels that are known to show nothing but road, and how far it is there. */
export interface BareRoad {
  /** [H, W], metres; 0 where the road is not known to be bare. */
  readonly depthMeters: Float32Array;
  readonly pixels: number;
}

/** Side of the squares that are bare or not, as a share of the picture's width. */
const CELL_SHARE = 1 / 64;
const FARTHEST_METERS = 40;

/**
 * The bare road of a picture: squares in which true points lie on the road's plane. In them, as in the eight around, none
 * lies over it: borders are not exact, and rays pass under vehicles. A square without any point counts where at least three
 * neighbours have points of the road. Things that move leave no points in structure from motion, and so no bare squares.
 */
export function bareRoad(truth: SparseDepth, plane: GroundPlane, intrinsics: Intrinsics): BareRoad {
  const { width, height } = truth;
  const { fx, fy, cx, cy } = intrinsics;
  const side = Math.max(4, Math.round(width * CELL_SHARE));
  const columns = Math.ceil(width / side);
  const rows = Math.ceil(height / side);
  const on = new Uint16Array(columns * rows);
  const over = new Uint16Array(columns * rows);
  for (const [i, z] of truth.depthMeters.entries()) {
    const u = truth.columns[i] ?? 0;
    const v = truth.rows[i] ?? 0;
    const cell = Math.floor(v / side) * columns + Math.floor(u / side);
    const rise = heightOver(plane, ((u - cx) / fx) * z, ((v - cy) / fy) * z, z);
    if (Math.abs(rise) < planeTolerance(z)) on[cell] = (on[cell] ?? 0) + 1;
    else if (rise > 0) over[cell] = (over[cell] ?? 0) + 1;
  }
  const bare = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const cell = row * columns + column;
      if (over[cell] !== 0) continue;
      let seen = 0;
      let blocked = false;
      for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) {
        for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) {
          const other = r * columns + c;
          if (over[other] !== 0) blocked = true;
          else if (on[other] !== 0) seen++;
        }
      }
      if (!blocked && (on[cell] !== 0 || seen >= 3)) bare[cell] = 1;
    }
  }
  const depthMeters = new Float32Array(width * height);
  let pixels = 0;
  for (let v = 0; v < height; v++) {
    const ry = (v - cy) / fy;
    for (let u = 0; u < width; u++) {
      if (bare[Math.floor(v / side) * columns + Math.floor(u / side)] === 0) continue;
      // y = ry z and x = rx z meet the plane at z = height / (ry - slope - tilt rx).
      const z = plane.height / (ry - plane.slope - (plane.tilt * (u - cx)) / fx);
      if (!(z > 0 && z < FARTHEST_METERS)) continue;
      depthMeters[v * width + u] = z;
      pixels++;
    }
  }
  return { depthMeters, pixels };
}
