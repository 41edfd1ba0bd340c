/** How much is written before it is judged anew whether the disk keeps up. */
const WINDOW_BYTES = 64 << 20;

/**
 * Judges whether a disk keeps up with what is written to it. Writes also wait for the processor, and where that is busy
 * nearly all of their time is such waiting. So the fastest write of every 64 MB says what the disk can do.
 */
export class DiskPace {
  #beganMs: number;
  #bytes = 0;
  #bytesPerMs = 0;

  /** @param nowMs of `performance.now()`, as of all that follow */
  constructor(nowMs: number) {
    this.#beganMs = nowMs;
  }

  /**
   * One write, and when it ended.
   * @returns whether the disk alone would need more than half of the time in which the last 64 MB were written.
   */
  wrote(bytes: number, tookMs: number, nowMs: number): boolean {
    this.#bytes += bytes;
    this.#bytesPerMs = Math.max(this.#bytesPerMs, bytes / Math.max(tookMs, 1e-3));
    if (this.#bytes < WINDOW_BYTES) return false;
    const neededMs = this.#bytes / this.#bytesPerMs;
    const isSlow = neededMs > 0.5 * (nowMs - this.#beganMs);
    this.#beganMs = nowMs;
    this.#bytes = 0;
    this.#bytesPerMs = 0;
    return isSlow;
  }
}
