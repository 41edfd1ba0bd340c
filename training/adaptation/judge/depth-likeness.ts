import { median } from '../../../vision/median.js';

/** How much a candidate's depth of one picture resembles the parent's. */
export interface DepthLikeness {
  /** Pixels of the candidate that are NaN or not positive. */
  readonly invalid: number;
  /** Standard deviations of log depth. */
  readonly parentSpread: number;
  readonly candidateSpread: number;
  /** Correlation of both log depths, and median of candidate / parent, where both are finite. */
  readonly likeness: number;
  readonly scale: number;
  /** Pixels where the parent is finite, and those of them where the candidate is not. */
  readonly finite: number;
  readonly holes: number;
}

/** @param parent, candidate metres, of the same pixels; +Infinity is too far. */
export function depthLikeness(parent: Float32Array, candidate: Float32Array): DepthLikeness {
  const isSeen = (z: number) => z > 0 && z < Number.POSITIVE_INFINITY;
  const [before, after, ratios]: [number[], number[], number[]] = [[], [], []];
  let [invalid, finite, holes] = [0, 0, 0];
  for (let i = 0; i < parent.length; i++) {
    const [p, c] = [parent[i], candidate[i]];
    if (!(c > 0)) invalid++;
    if (!isSeen(p)) continue;
    finite++;
    if (!isSeen(c)) {
      holes++;
      continue;
    }
    before.push(Math.log(p));
    after.push(Math.log(c));
    ratios.push(c / p);
  }
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
  const [a, b] = [mean(before), mean(after)];
  const covariance = mean(before.map((x, i) => (x - a) * (after[i] - b)));
  const parentSpread = Math.sqrt(mean(before.map((x) => (x - a) ** 2)));
  const candidateSpread = Math.sqrt(mean(after.map((x) => (x - b) ** 2)));
  const both = parentSpread * candidateSpread;
  return {
    ...{ invalid, finite, holes, parentSpread, candidateSpread },
    likeness: both > 0 ? covariance / both : 0,
    scale: ratios.length === 0 ? Number.NaN : median(ratios),
  };
}
