import { type ComponentSamples, nearestBeside } from './component-samples.js';
import type { MotionView } from './motion-view.js';
import type { ResidualMotion } from './residual-motion.js';
import { sampleGrey } from './sample-grey.js';
import type { StaticPositions } from './static-positions.js';

/** How alike the pictures of a component in two views are, under an assumed motion. */
export interface Likeness {
  /** Normalised cross-correlation of the brightness where it is seen, -1..1. */
  readonly correlation: number;
  /** Share of the samples that are seen where they should be, by depth and class. */
  readonly seen: number;
  /** Share of those in whose place something farther, or of no dynamic class, is seen. The rest is hidden or outside. */
  readonly absent: number;
}

/** Depths that agree within this factor are the same thing's. */
const DEPTH_TOLERANCE = 1.25;

/** Correlation, less where the component is not in its place. */
export function quality({ correlation, seen, absent }: Likeness): number {
  return seen === 0 ? -1 : (correlation * seen) / (seen + absent);
}

export function likeness(
  later: MotionView,
  earlier: MotionView,
  samples: ComponentSamples,
  positions: StaticPositions,
  { du, dv, growth }: ResidualMotion,
): Likeness {
  const [a, b] = [later.grey[0], earlier.grey[0]];
  if (a === undefined || b === undefined) return { correlation: 0, seen: 0, absent: 0 };
  const { spread } = positions;
  const size = Math.exp(growth);
  let [count, absent, sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < samples.count; i++) {
    const u = spread.u + size * ((positions.u[i] as number) - spread.u) + du;
    const v = spread.v + size * ((positions.v[i] as number) - spread.v) + dv;
    const sight = sightOf(earlier, u, v, (positions.depth[i] as number) / size);
    if (sight === 'absent') absent += 1;
    if (sight !== 'seen') continue;
    const x = a.data[(samples.v[i] as number) * a.width + (samples.u[i] as number)] as number;
    const y = sampleGrey(b, u, v);
    count += 1;
    sumA += x;
    sumB += y;
    sumAA += x * x;
    sumBB += y * y;
    sumAB += x * y;
  }
  const variance = (sumAA - (sumA * sumA) / count) * (sumBB - (sumB * sumB) / count);
  return {
    correlation: variance > 1e-6 ? (sumAB - (sumA * sumB) / count) / Math.sqrt(variance) : 0,
    seen: count / samples.count,
    absent: absent / samples.count,
  };
}

/** What a view shows at a pixel where a thing of a dynamic class at this depth should be. */
export function sightOf(
  { width, height, depth, kinds }: MotionView,
  u: number,
  v: number,
  expected: number,
): 'seen' | 'hidden' | 'absent' | 'outside' {
  const column = Math.round(u);
  const row = Math.round(v);
  if (!(column >= 0 && row >= 0 && column < width && row < height)) return 'outside'; // for NaN too
  const at = row * width + column;
  // What is nearer beside it already shades off into it.
  if (nearestBeside(depth, at, width) * DEPTH_TOLERANCE < expected) return 'hidden';
  return (depth[at] as number) < expected * DEPTH_TOLERANCE && kinds[at] !== 0 ? 'seen' : 'absent';
}
