import type { MotionView } from './motion-view.js';
import type { ResidualMotion } from './residual-motion.js';
import type { StaticPositions } from './static-positions.js';
import { surfacesOf } from './surfaces.js';

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

  /** @param every of so many samples one is asked about. */
  find(earlier: MotionView, positions: StaticPositions, { du, dv, growth }: ResidualMotion, every = 1): void {
    const { width, height } = earlier;
    const surfaces = surfacesOf(earlier);
    const { u: middleU, v: middleV } = positions.spread;
    const samples = positions.u.length;
    if (this.index.length < samples) {
      this.index = new Int32Array(samples);
      this.u = new Float64Array(samples);
      this.v = new Float64Array(samples);
    }
    const { index, u: seenU, v: seenV } = this;
    const { u: fromU, v: fromV, depth: fromDepth } = positions;
    const right = width - 0.5;
    const bottom = height - 0.5;
    const size = growth === 0 ? 1 : Math.exp(growth);
    const shrunk = 1 / size;
    let seen = 0;
    let absent = 0;
    for (let i = 0; i < samples; i += every) {
      const u = middleU + size * ((fromU[i] as number) - middleU) + du;
      const v = middleV + size * ((fromV[i] as number) - middleV) + dv;
      const expected = (fromDepth[i] as number) * shrunk;
      if (!(u >= -0.5 && v >= -0.5 && u < right && v < bottom)) continue; // outside; for NaN too
      // Rounds: in integers, half as long as Math.round.
      const column = (u + 0.5) | 0;
      const row = (v + 0.5) | 0;
      const at = 2 * (row * width + column);
      // Hidden. What is nearer beside it already shades off into it.
      if ((surfaces[at] as number) * DEPTH_TOLERANCE < expected) continue;
      if ((surfaces[at + 1] as number) < expected * DEPTH_TOLERANCE) {
        index[seen] = i;
        seenU[seen] = u;
        seenV[seen++] = v;
      } else absent += 1;
    }
    this.count = seen;
    this.absent = absent;
  }
}
