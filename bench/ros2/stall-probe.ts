import { appendFileSync, readFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** A time in which the event loop did not turn, milliseconds. */
export interface Stall {
  readonly atMs: number;
  readonly gapMs: number;
  /** Of it, the thread ran. */
  readonly ranMs: number;
  /** Of it, the thread was ready to run and others had the processors. */
  readonly waitedMs: number;
  /** Of it, the garbage collector's pauses took (both running and waiting). */
  readonly collectedMs: number;
}

/**
 * Preloaded into the node (`node --import`): writes the stalls of its event loop into the file $RXDEPTH_STALLS, one JSON object
 * a line, with the time that Linux counted for the thread. Source: Documentation/scheduler/sched-stats.rst, schedstat of a task.
 */
const file = process.env.RXDEPTH_STALLS;
const PERIOD_MS = 5;
const LEAST_MS = 20;

function scheduled(): { readonly ranMs: number; readonly waitedMs: number } {
  const [ran = 0, waited = 0] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ').map(Number);
  return { ranMs: ran / 1e6, waitedMs: waited / 1e6 };
}

if (file !== undefined && isMainThread) {
  let collectedMs = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collectedMs += duration;
  }).observe({ entryTypes: ['gc'] });
  let atMs = performance.now();
  let before = scheduled();
  setInterval(() => {
    const nowMs = performance.now();
    const now = scheduled();
    const gapMs = nowMs - atMs;
    const stall: Stall = {
      ...{ atMs, gapMs, collectedMs },
      ...{ ranMs: now.ranMs - before.ranMs, waitedMs: now.waitedMs - before.waitedMs },
    };
    if (gapMs >= LEAST_MS) appendFileSync(file, `${JSON.stringify(stall)}\n`);
    [atMs, before, collectedMs] = [nowMs, now, 0];
  }, PERIOD_MS).unref();
}
