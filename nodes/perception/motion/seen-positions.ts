import { nearestBeside } from './component-samples.js';
import type { MotionView } from './motion-view.js';
import type { ResidualMotion } from './residual-motion.js';
import type { StaticPositions } from './static-positions.js';

/** Depths that agree within this factor are the same thing's. */
const DEPTH_TOLERANCE = 1.25;

/**
 * Which of a component's samples an earlier view shows, by depth and class, under an assumed motion, and where. The memory is
 * used again from one component to the next: a frame asks some ten thousand times.
 */
export class SeenPositions {
  /** How many are seen. */
  count = 0;
  /** In whose place something farther, or of no dynamic class, is seen. The rest is hidden or outside. */
  absent = 0;
  /** Which of the samples, ascending. */
  index = new Int32Array(0);
  /** Columns and rows in the earlier view. */
  u = new Float64Array(0);
  v = new Float64Array(0);

  find(earlier: MotionView, positions: StaticPositions, { du, dv, growth }: ResidualMotion): void {
    const { width, height, depth, kinds } = earlier;
    const { u: middleU, v: middleV } = positions.spread;
    const samples = positions.u.length;
    if (this.index.length < samples) {
      this.index = new Int32Array(samples);
      this.u = new Float64Array(samples);
      this.v = new Float64Array(samples);
    }
    const { index, u: seenU, v: seenV } = this;
    const { u: fromU, v: fromV, depth: fromDepth } = positions;
    const size = Math.exp(growth);
    let seen = 0;
    let absent = 0;
    for (let i = 0; i < samples; i++) {
      const u = middleU + size * ((fromU[i] as number) - middleU) + du;
      const v = middleV + size * ((fromV[i] as number) - middleV) + dv;
      const expected = (fromDepth[i] as number) / size;
      const column = Math.round(u);
      const row = Math.round(v);
      if (!(column >= 0 && row >= 0 && column < width && row < height)) continue; // outside; for NaN too
      const at = row * width + column;
      // Hidden. What is nearer beside it already shades off into it.
      if (nearestBeside(depth, at, width) * DEPTH_TOLERANCE < expected) continue;
      if ((depth[at] as number) < expected * DEPTH_TOLERANCE && kinds[at] !== 0) {
        index[seen] = i;
        seenU[seen] = u;
        seenV[seen++] = v;
      } else absent += 1;
    }
    this.count = seen;
    this.absent = absent;
  }
}
