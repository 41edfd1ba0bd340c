const REMEMBERED = 15;

/** The usual time between packets: the median of the last ones. */
export class UsualInterval {
  readonly #intervals: number[] = [];
  #lastNs: bigint | undefined;

  /** A packet came. @returns the time since the one before it, in usual intervals; 1 where that is not known */
  after(stampNs: bigint): number {
    const lastNs = this.#lastNs;
    this.#lastNs = stampNs;
    // Pictures that are coded before others that are shown earlier go back in time.
    if (lastNs === undefined || stampNs <= lastNs) return 1;
    const intervalNs = Number(stampNs - lastNs);
    const sorted = [...this.#intervals].sort((a, b) => a - b);
    const usual = sorted[sorted.length >> 1];
    this.#intervals.push(intervalNs);
    if (this.#intervals.length > REMEMBERED) this.#intervals.shift();
    return usual === undefined ? 1 : intervalNs / usual;
  }
}
