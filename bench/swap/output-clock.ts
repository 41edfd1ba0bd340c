/** When outputs came, and the longest time without one. */
export class OutputClock {
  #last: number | undefined;
  count = 0;
  /** Milliseconds. */
  longestGapMs = 0;

  tick(): void {
    const now = performance.now();
    if (this.#last !== undefined) this.longestGapMs = Math.max(this.longestGapMs, now - this.#last);
    this.#last = now;
    this.count += 1;
  }
}
