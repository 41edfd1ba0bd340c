export interface RunClockOptions {
  /** What the run may take where nothing else runs. */
  readonly minutes: number;
  /** What it may take at most, by the clock on the wall. */
  readonly deadlineMinutes: number;
  /** Of the processor that the run uses. */
  readonly threads: number;
  /** Processor time of this process and time on the wall, seconds since any begin; this process's by default. */
  readonly read?: () => { readonly processor: number; readonly wall: number };
}

/** No more threads than these keep a processor busy all the time. */
const MOST_THREADS = 4;

/**
 * How much of a run's minutes is used up, in seconds. What counts is the work that the processor did for it. Where other
 * programs leave the run a third of the processor, its minutes last three times as long, up to the deadline. On an idle
 * machine it is the time on the wall.
 * @returns told seconds from 0 to 60 `minutes`, and beyond.
 */
export function runClock({
  minutes,
  deadlineMinutes,
  threads,
  read = ownTimes,
}: RunClockOptions): () => number {
  const began = read();
  return () => {
    const now = read();
    const wall = now.wall - began.wall;
    const worked = (now.processor - began.processor) / Math.max(1, Math.min(threads, MOST_THREADS));
    return Math.max(Math.min(wall, worked), (wall * minutes) / deadlineMinutes);
  };
}

function ownTimes(): { readonly processor: number; readonly wall: number } {
  const { user, system } = process.cpuUsage();
  return { processor: (user + system) / 1e6, wall: performance.now() / 1000 };
}
