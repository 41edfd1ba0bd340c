import type { Trouble } from './episodes.js';

/** An image may take this long, milliseconds. */
const PATIENCE_MS = 3000;

/** Images that came since the last result: where they wait too long and nothing else says why, that is a trouble. */
export class UnansweredImages {
  #count = 0;
  #sinceMs = 0;

  /** @param count images that came, seen or not */
  came(count: number, nowMs: number): void {
    // From the first that waits: before it, nobody owed a result.
    if (this.#count === 0) this.#sinceMs = nowMs;
    this.#count += count;
  }

  /** A result came, or images are expected anew. */
  answered(): void {
    this.#count = 0;
  }

  /** @param inFlight images that are being computed */
  trouble(nowMs: number, inFlight: number): Trouble | undefined {
    if (this.#count === 0 || nowMs - this.#sinceMs < PATIENCE_MS) return undefined;
    const text =
      `images come and no result comes of them for more than ${PATIENCE_MS / 1000} s ` +
      `(${this.#count} images, ${inFlight} being computed)`;
    return { area: 'results', text };
  }
}
