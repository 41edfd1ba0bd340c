// biome-ignore lint/style/noRestrictedImports: its program is a few lines of text that import nothing of ours.
import { Worker } from 'node:worker_threads';

/** Within this long after SIGINT or SIGTERM the process is gone, milliseconds: launch kills what lives on for long. */
const PATIENCE_MS = 1700;
/** Where other programs leave it no processor, it has as much longer as its threads wait for one, up to this; launch kills at 10 s. */
const LONGEST_MS = 8000;

/**
 * In a thread of its own, which waits from the start. On a busy machine a new one would come late, and DDS blocks the main
 * one while it waits for subscribers that have died. SIGKILL, because process.exit would wait for the other threads, and
 * onnxruntime aborts under it. The second number of a thread's schedstat is how long it has waited for a processor,
 * nanoseconds (Linux, Documentation/scheduler/sched-stats.rst); elsewhere there is none.
 */
const KILLER = `
const { readdirSync, readFileSync } = require('node:fs');
const { ending, patienceMs, longestMs } = require('node:worker_threads').workerData;
function waitsMs() {
  const waits = new Map();
  try {
    for (const thread of readdirSync('/proc/self/task')) {
      try {
        waits.set(thread, Number(readFileSync('/proc/self/task/' + thread + '/schedstat', 'utf8').split(' ')[1]) / 1e6);
      } catch {} // it has just ended
    }
  } catch {}
  return waits;
}
Atomics.wait(ending, 0, 0);
const startMs = performance.now();
const before = waitsMs();
const waitedMs = () => [...waitsMs()].reduce((sum, [thread, ms]) => sum + ms - (before.get(thread) ?? ms), 0);
let leftMs = patienceMs;
while (leftMs > 0) {
  Atomics.wait(ending, 0, 1, leftMs);
  leftMs = Math.min(longestMs, patienceMs + waitedMs()) - (performance.now() - startMs);
}
process.kill(process.pid, 'SIGKILL');
`;

/** Ends the process on SIGINT and SIGTERM; by force when that takes too long. */
export class EndOnSignals {
  /** 1: as soon as a signal has come. */
  readonly #ending = new Int32Array(new SharedArrayBuffer(4));
  #shutdown: () => Promise<void> = async () => {};

  constructor() {
    const workerData = { ending: this.#ending, patienceMs: PATIENCE_MS, longestMs: LONGEST_MS };
    new Worker(KILLER, { eval: true, workerData }).unref();
    this.#listen();
  }

  /** @param shutdown lets go of everything; then the process ends */
  begin(shutdown: () => Promise<void>): void {
    this.#shutdown = shutdown;
  }

  /** Does what blocks this thread for long, so that it hears no signal: there a signal ends the process at once. */
  whileDeaf<T>(work: () => T): T {
    process.off('SIGINT', this.#end).off('SIGTERM', this.#end);
    try {
      return work();
    } finally {
      this.#listen();
    }
  }

  #listen(): void {
    process.on('SIGINT', this.#end).on('SIGTERM', this.#end);
  }

  readonly #end = (signal: NodeJS.Signals): void => {
    if (Atomics.exchange(this.#ending, 0, 1) === 1) return;
    Atomics.notify(this.#ending, 0);
    this.#shutdown().then(
      () => {
        process.exitCode = 0;
        // Handles that rclnodejs leaves open must not keep the process.
        process.exit();
      },
      (error: unknown) => {
        process.stderr.write(`rxdepth: ${signal}: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
}
