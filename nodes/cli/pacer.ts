import { setTimeout as sleep } from 'node:timers/promises';

/** Timers count in 31 bits of milliseconds; longer waits take several. */
const LONGEST_SLEEP_MS = 86_400_000;

/** Lets recorded messages pass at a multiple of the speed at which they were recorded. */
export class Pacer {
  readonly #rate: number;
  #start: { readonly logTimeNs: bigint; readonly wallMs: number } | undefined;

  /** @param rate recorded seconds per second, above 0 */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Resolves when a message of this log time is due; at once when it is late, or nobody waits for it any more. */
  async due(logTimeNs: bigint, signal: AbortSignal): Promise<void> {
    this.#start ??= { logTimeNs, wallMs: performance.now() };
    const dueMs = this.#start.wallMs + Number(logTimeNs - this.#start.logTimeNs) / 1e6 / this.#rate;
    while (!signal.aborted) {
      const waitMs = dueMs - performance.now();
      if (waitMs < 1) return;
      await sleep(Math.min(waitMs, LONGEST_SLEEP_MS), undefined, { signal }).catch(() => {});
    }
  }
}
