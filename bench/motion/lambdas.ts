import { perceptionStatusCodec } from '../../msgs/perception-status.js';
import { stampedFrames } from './stamped-frames.js';

const STATUS = '/rxdepth/status';

/** Lambda of the status messages of a replay, a second each; those in which it is unknown are left out. */
export async function lambdas(output: string): Promise<number[]> {
  const frames = await stampedFrames(output, [STATUS]);
  return [...frames.values()]
    .map((frame) => perceptionStatusCodec.decode(frame[STATUS]).dc_lambda)
    .filter((lambda) => !Number.isNaN(lambda));
}

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Area under the ROC curve: how likely a value of `high` is greater than one of `low`; equal ones count half. */
export function areaUnderCurve(low: readonly number[], high: readonly number[]): number {
  let sum = 0;
  for (const a of low) for (const b of high) sum += a < b ? 1 : a === b ? 0.5 : 0;
  return sum / (low.length * high.length);
}
