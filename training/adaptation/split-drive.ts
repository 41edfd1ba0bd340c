import type { SelectedTriplet } from './select-triplets.js';
import type { SurveyedFrame } from './survey.js';

/** Triplets to learn from and triplets to judge by; no picture is in both, and time lies between them. */
export interface SplitDrive {
  readonly adapt: readonly SelectedTriplet[];
  readonly judge: readonly SelectedTriplet[];
}

/** Share of the time that is learned from; what follows the gap is judged. */
const ADAPT_SHARE = 0.6;
const GAP_SHARE = 0.05;
const LEAST_GAP_NS = 300_000_000;

/** Splits a drive by time: its begin is learned from, its end is judged, with a gap between. */
export function splitDrive(
  frames: readonly SurveyedFrame[],
  triplets: readonly SelectedTriplet[],
): SplitDrive {
  const [first, last] = [frames[0], frames[frames.length - 1]];
  if (first === undefined || last === undefined) return { adapt: [], judge: [] };
  const length = Number(last.stampNs - first.stampNs);
  const end = ADAPT_SHARE * length;
  const begin = end + Math.max(LEAST_GAP_NS, GAP_SHARE * length);
  const timeOf = new Map(frames.map(({ index, stampNs }) => [index, Number(stampNs - first.stampNs)]));
  const at = (index: number) => timeOf.get(index) ?? Number.NaN;
  return {
    adapt: triplets.filter(({ next }) => at(next) <= end),
    judge: triplets.filter(({ previous }) => at(previous) >= begin),
  };
}
