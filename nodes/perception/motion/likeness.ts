import { sampleGrey } from '../../../vision/sample-grey.js';
import type { ComponentSamples } from './component-samples.js';
import type { MotionView } from './motion-view.js';
import type { ResidualMotion } from './residual-motion.js';
import { SeenPositions } from './seen-positions.js';
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

/** Correlation, less where the component is not in its place. */
export function quality({ correlation, seen, absent }: Likeness): number {
  return seen === 0 ? -1 : (correlation * seen) / (seen + absent);
}

const places = new SeenPositions();
let brightness = new Float64Array(0);

/** @param every of so many samples one is compared. */
export function likeness(
  later: MotionView,
  {
    earlier,
    samples,
    positions,
    motion,
    every = 1,
  }: {
    readonly earlier: MotionView;
    readonly samples: ComponentSamples;
    readonly positions: StaticPositions;
    readonly motion: ResidualMotion;
    readonly every?: number;
  },
): Likeness {
  const [a, b] = [later.grey[0], earlier.grey[0]];
  if (a === undefined || b === undefined) return { correlation: 0, seen: 0, absent: 0 };
  places.find(earlier, positions, motion, every);
  const compared = Math.ceil(samples.count / every);
  const { count, index } = places;
  if (brightness.length < count) brightness = new Float64Array(samples.count);
  sampleGrey(b, count, places.u, places.v, brightness);
  let sumA = 0;
  let sumB = 0;
  let sumAA = 0;
  let sumBB = 0;
  let sumAB = 0;
  for (let k = 0; k < count; k++) {
    const i = index[k] as number;
    const x = a.data[(samples.v[i] as number) * a.width + (samples.u[i] as number)] as number;
    const y = brightness[k] as number;
    sumA += x;
    sumB += y;
    sumAA += x * x;
    sumBB += y * y;
    sumAB += x * y;
  }
  const variance = (sumAA - (sumA * sumA) / count) * (sumBB - (sumB * sumB) / count);
  return {
    correlation: variance > 1e-6 ? (sumAB - (sumA * sumB) / count) / Math.sqrt(variance) : 0,
    seen: count / compared,
    absent: places.absent / compared,
  };
}
