import type { Intrinsics } from '../msgs/camera/intrinsics.js';
import type { ExposedPose, Linearized } from './descend.js';
import type { GreySlopes } from './grey-slopes.js';
import { EQUATIONS, NormalEquations } from './normal-equations.js';
import { nthSmallest } from './nth-smallest.js';
import type { RobustCost } from './robust-cost.js';

/** Points of one picture, with their brightness in it. */
export interface AlignedPoints {
  readonly count: number;
  /** x and y of each ray at z = 1. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** 1 / z; 0 = infinitely far. */
  readonly inverseDepth: Float32Array;
  readonly brightness: Float32Array;
}

/** The other picture at one resolution, a `Level`. */
export interface AlignedPicture<Level> {
  readonly width: number;
  readonly height: number;
  /** Intrinsics of this resolution. */
  readonly intrinsics: Intrinsics;
  readonly level: Level;
  /**
   * Gives brightness and slopes at the first `count` positions, which lie within it by one pixel or more. The same function for
   * all pictures: V8 compiles the loops around it for that one.
   */
  readonly sample: (level: Level, count: number, u: Float64Array, v: Float64Array, into: GreySlopes) => void;
}

/** Points that are projected and sampled at once: few enough to stay in the cache. */
const BLOCK = 1024;

// Of the block in hand, used again: nothing here waits, and the memory costs more to make than to fill.
const numbers = () => new Float64Array(BLOCK);
const index = new Int32Array(BLOCK);
const [u, v, qx, qy, qz] = [numbers(), numbers(), numbers(), numbers(), numbers()];
const slopes: GreySlopes = { brightness: numbers(), across: numbers(), down: numbers() };
const [residuals, weights] = [numbers(), numbers()];
// Derivatives of the residuals by each parameter; that by the offset is 1 throughout.
const derivative = () => new Float64Array(EQUATIONS);
const [byTurnX, byTurnY, byTurnZ] = [derivative(), derivative(), derivative()];
const [byShiftX, byShiftY, byShiftZ] = [derivative(), derivative(), derivative()];
const [byGain, byOffset] = [derivative(), derivative().fill(1)];
const DERIVATIVES = [byTurnX, byTurnY, byTurnZ, byShiftX, byShiftY, byShiftZ, byGain, byOffset];

/**
 * Direct alignment of the points of one picture with another picture. It gives residuals r = gain I(u) + offset - I_point
 * with u = project(R ray + t / z), and their derivatives by the pose, gain and offset. Source: Engel et al. 2014 (LSD-SLAM),
 * section 3.
 */
export class PointAlignment<Level> {
  readonly points: AlignedPoints;
  readonly #picture: AlignedPicture<Level>;

  constructor(points: AlignedPoints, picture: AlignedPicture<Level>) {
    this.points = points;
    this.#picture = picture;
  }

  /** The weighted normal equations; the cost is infinite where the picture shows none of the points. */
  linearize(at: ExposedPose, robust: RobustCost): Linearized {
    const equations = new NormalEquations();
    let cost = 0;
    let seen = 0;
    for (let from = 0; from < this.points.count; from += BLOCK) {
      const count = this.#compare(from, at);
      seen += count;
      cost = robust(residuals, count, weights, cost);
      this.#addEquations(equations, count, at.gain);
    }
    return {
      cost: seen === 0 ? Number.POSITIVE_INFINITY : cost / seen,
      overlap: seen / Math.max(1, this.points.count),
      ...{ hessian: equations.hessian, gradient: equations.gradient },
    };
  }

  /** Adds the equations of the first `count` points of the block in hand, compared and weighted. */
  #addEquations(equations: NormalEquations, count: number, gain: number): void {
    const { inverseDepth } = this.points;
    const { fx, fy } = this.#picture.intrinsics;
    for (let first = 0; first < count; first += EQUATIONS) {
      const some = Math.min(EQUATIONS, count - first);
      for (let i = 0; i < some; i++) {
        const k = first + i;
        const x = qx[k] as number;
        const y = qy[k] as number;
        const z = qz[k] as number;
        const w = inverseDepth[index[k] as number] as number;
        const a = (gain * (slopes.across[k] as number) * fx) / z;
        const b = (gain * (slopes.down[k] as number) * fy) / z;
        const c = -(a * x + b * y) / z;
        byTurnX[i] = b * -z + c * y;
        byTurnY[i] = a * z - c * x;
        byTurnZ[i] = b * x - a * y;
        byShiftX[i] = a * w;
        byShiftY[i] = b * w;
        byShiftZ[i] = c * w;
        byGain[i] = slopes.brightness[k] as number;
      }
      equations.add(DERIVATIVES, weights, residuals, first, some);
    }
  }

  /** Median of the absolute residuals; infinite where the picture shows none of the points. */
  medianResidual(at: ExposedPose): number {
    const sizes = new Float32Array(this.points.count);
    let seen = 0;
    for (let from = 0; from < this.points.count; from += BLOCK) {
      const count = this.#compare(from, at);
      for (let k = 0; k < count; k++) sizes[seen++] = Math.abs(residuals[k] as number);
    }
    return seen === 0 ? Number.POSITIVE_INFINITY : nthSmallest(sizes, seen, seen >> 1);
  }

  /** Projects and samples the block of points that begins at `from`. @returns how many of them the picture shows. */
  #compare(from: number, { pose, gain, offset }: ExposedPose): number {
    const { x, y, inverseDepth, brightness } = this.points;
    const { width, height, intrinsics, level, sample } = this.#picture;
    const { fx, fy, cx, cy } = intrinsics;
    // Of a 4x4 matrix. Not taken apart by a pattern: what comes out of an iterator is no plain number to V8.
    const r0 = pose[0] as number;
    const r1 = pose[1] as number;
    const r2 = pose[2] as number;
    const tx = pose[3] as number;
    const r4 = pose[4] as number;
    const r5 = pose[5] as number;
    const r6 = pose[6] as number;
    const ty = pose[7] as number;
    const r8 = pose[8] as number;
    const r9 = pose[9] as number;
    const r10 = pose[10] as number;
    const tz = pose[11] as number;
    const to = Math.min(this.points.count, from + BLOCK);
    let count = 0;
    for (let i = from; i < to; i++) {
      const a = x[i] as number;
      const b = y[i] as number;
      const w = inverseDepth[i] as number;
      const pz = r8 * a + r9 * b + r10 + w * tz;
      if (!(pz > 1e-3)) continue;
      const px = r0 * a + r1 * b + r2 + w * tx;
      const py = r4 * a + r5 * b + r6 + w * ty;
      const column = (fx * px) / pz + cx;
      const line = (fy * py) / pz + cy;
      if (!(column >= 1 && line >= 1 && column < width - 2 && line < height - 2)) continue;
      index[count] = i;
      u[count] = column;
      v[count] = line;
      qx[count] = px;
      qy[count] = py;
      qz[count++] = pz;
    }
    sample(level, count, u, v, slopes);
    for (let k = 0; k < count; k++) {
      const seen = slopes.brightness[k] as number;
      residuals[k] = gain * seen + offset - (brightness[index[k] as number] as number);
    }
    return count;
  }
}
