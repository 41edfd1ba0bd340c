import type { SelectedTriplet } from './select-triplets.js';
import type { SurveyedFrame } from './survey.js';

/** Triplets to learn from and triplets to judge by; no picture is in both, and time lies between them. */
export interface SplitDrive {
  readonly adapt: readonly SelectedTriplet[];
  readonly judge: readonly SelectedTriplet[];
}

type TimedFrame = Pick<SurveyedFrame, 'index' | 'stampNs'>;

/** Share of the time that is judged; of long drives what has so many pictures: more would only take time from learning. */
const JUDGED_SHARE = 0.35;
const MOST_JUDGED_FRAMES = 300;
/** Between the two. */
const GAP_SHARE = 0.05;
const MOST_GAP_FRAMES = 60;
const LEAST_GAP_NS = 300_000_000;

/** Share of the time of a drive of so many pictures that is learned from: its begin, at least 60 %. */
export function learnedShare(frames: number): number {
  return 1 - Math.min(JUDGED_SHARE, MOST_JUDGED_FRAMES / frames) - gapShare(frames);
}

/** Splits a drive by time: its begin is learned from, its end is judged, with a gap between. */
export function splitDrive(
  frames: readonly SurveyedFrame[],
  triplets: readonly SelectedTriplet[],
): SplitDrive {
  const { at, begin, end } = partsOf(frames);
  return {
    adapt: triplets.filter(({ next }) => at(next) <= end),
    judge: triplets.filter(({ previous }) => at(previous) >= begin),
  };
}

/** Which frames of a drive lie in the part that is learned from, and which in the judged one. */
export function driveParts(frames: readonly TimedFrame[]): {
  readonly isLearned: (frame: Pick<TimedFrame, 'index'>) => boolean;
  readonly isJudged: (frame: Pick<TimedFrame, 'index'>) => boolean;
} {
  const { at, begin, end } = partsOf(frames);
  return { isLearned: ({ index }) => at(index) <= end, isJudged: ({ index }) => at(index) >= begin };
}

/** Time of each frame, and where the learned part ends and the judged one begins, nanoseconds from the first frame. */
function partsOf(frames: readonly TimedFrame[]) {
  const [first, last] = [frames[0], frames[frames.length - 1]];
  if (first === undefined || last === undefined) return { at: () => Number.NaN, begin: 0, end: 0 };
  const length = Number(last.stampNs - first.stampNs);
  const end = learnedShare(frames.length) * length;
  const begin = end + Math.max(LEAST_GAP_NS, gapShare(frames.length) * length);
  const timeOf = new Map(frames.map(({ index, stampNs }) => [index, Number(stampNs - first.stampNs)]));
  const at = (index: number) => timeOf.get(index) ?? Number.NaN;
  return { at, begin, end };
}

function gapShare(frames: number): number {
  return Math.min(GAP_SHARE, MOST_GAP_FRAMES / frames);
}
