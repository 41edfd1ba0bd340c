import { threadTimes } from './thread-times.js';

/** How often is looked, in a share of the limit. */
const LOOKS = 10;
/** A timer that is late by less is on time. */
const LEAST_LATE_MS = 50;
/** Work that uses no processor time at all is given up after so many times the limit. */
export const IDLE_TIMES = 30;

export interface ProcessorLimit {
  /** Processor time of one thread, milliseconds. */
  readonly mostMs: number;
  /** Replaced in tests. */
  readonly times?: () => ReadonlyMap<string, number>;
}

/**
 * Waits for work of another thread of this process, and rejects with `late()` when that had enough time. What is counted is
 * the processor time of the thread that had most since. The system shares out time among the threads of a process alike, so
 * that the working one had about as much. Other processes' load, a stopped process and a blocked event loop cost the work
 * nothing. Work that computes nothing, and never ends, is given up after IDLE_TIMES the limit.
 */
export async function withinProcessorTime<T>(
  { mostMs, times = threadTimes }: ProcessorLimit,
  work: () => Promise<T>,
  late: () => Error,
): Promise<T> {
  const intervalMs = Math.max(1, mostMs / LOOKS);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const spent = new Map<string, number>();
    let idleMs = 0;
    let before: ReadonlyMap<string, number> | undefined;
    const look = (plannedMs: number) => {
      const lateMs = performance.now() - plannedMs;
      const now = times();
      // While the loop could not turn, the work may have ended: what passed meanwhile does not count.
      if (before !== undefined && lateMs <= Math.max(intervalMs, LEAST_LATE_MS)) {
        idleMs += intervalMs;
        for (const [id, ms] of now) spent.set(id, (spent.get(id) ?? 0) + ms - (before.get(id) ?? ms));
      }
      before = now;
      if (Math.max(...spent.values()) >= mostMs || idleMs >= mostMs * IDLE_TIMES) reject(late());
      else wait();
    };
    const wait = () => {
      timer = setTimeout(look, intervalMs, performance.now() + intervalMs);
    };
    wait();
  });
  try {
    return await Promise.race([work(), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
