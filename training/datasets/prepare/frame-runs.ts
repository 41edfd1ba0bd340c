import type { FrameRun } from '../stores/stored-triplets.js';

/** A gap longer than this many usual distances ends a run. */
const LONGEST_GAP = 1.6;

/**
 * Where a recorded camera delivered frames without a gap.
 * @param stampsNs in the order of the frames; one that does not come after its predecessor begins a new run.
 */
export function frameRuns(stampsNs: readonly bigint[]): FrameRun[] {
  const usual = usualDistanceNs(stampsNs);
  const runs: { first: number; frames: number }[] = [];
  for (const [index, stamp] of stampsNs.entries()) {
    const distance = Number(stamp - (stampsNs[index - 1] ?? stamp));
    const run = runs[runs.length - 1];
    if (run === undefined || distance <= 0 || distance > LONGEST_GAP * usual)
      runs.push({ first: index, frames: 1 });
    else run.frames += 1;
  }
  return runs;
}

/** The median distance between frames that follow each other; Infinity with less than two. */
export function usualDistanceNs(stampsNs: readonly bigint[]): number {
  const distances = stampsNs
    .slice(1)
    .map((stamp, i) => Number(stamp - (stampsNs[i] ?? stamp)))
    .filter((distance) => distance > 0)
    .sort((a, b) => a - b);
  return distances[Math.floor((distances.length - 1) / 2)] ?? Number.POSITIVE_INFINITY;
}
