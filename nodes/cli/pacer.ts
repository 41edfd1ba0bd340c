import { setTimeout as sleep } from 'node:timers/promises';

/** Lets recorded messages pass at a multiple of the speed at which they were recorded. */
export class Pacer {
  readonly #rate: number;
  readonly #signal: AbortSignal;
  #start: { readonly logTimeNs: bigint; readonly wallMs: number } | undefined;

  /** @param rate recorded seconds per second, above 0 */
  constructor(rate: number, signal: AbortSignal) {
    this.#rate = rate;
    this.#signal = signal;
  }

  /** Resolves when a message of this log time is due; at once when it is late. */
  async due(logTimeNs: bigint): Promise<void> {
    this.#start ??= { logTimeNs, wallMs: performance.now() };
    const sinceMs = Number(logTimeNs - this.#start.logTimeNs) / 1e6 / this.#rate;
    const waitMs = this.#start.wallMs + sinceMs - performance.now();
    if (waitMs < 1) return;
    // Stopped early: whoever waits looks at the signal itself.
    await sleep(waitMs, undefined, { signal: this.#signal }).catch(() => {});
  }
}
