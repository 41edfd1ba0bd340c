/** Smallest latency told apart from zero, milliseconds. */
const LEAST_MS = 0.001;
/** Ratio of two neighbouring bounds: percentiles are exact to 2.5 %. */
const GROWTH = 1.05;
/** Up to 0.001 * 1.05 ** 480 ms, four hours. */
const BUCKETS = 480;

/** Latency percentiles of a stream of any length in fixed memory: counts in buckets of logarithmic width. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sumMs = 0;
  #maxMs = 0;

  add(latencyMs: number): void {
    if (!(latencyMs >= 0)) return;
    const index = latencyMs <= LEAST_MS ? 0 : Math.ceil(Math.log(latencyMs / LEAST_MS) / Math.log(GROWTH));
    const bucket = Math.min(BUCKETS - 1, index);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#sumMs += latencyMs;
    this.#maxMs = Math.max(this.#maxMs, latencyMs);
  }

  get count(): number {
    return this.#count;
  }

  get meanMs(): number {
    return this.#count === 0 ? 0 : this.#sumMs / this.#count;
  }

  get maxMs(): number {
    return this.#maxMs;
  }

  /** The latency that a share of `quantile` (0..1) does not exceed; 0 when nothing was added. */
  quantileMs(quantile: number): number {
    if (this.#count === 0) return 0;
    const rank = Math.max(1, Math.ceil(quantile * this.#count));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket] ?? 0;
      // The middle of the bucket, geometrically.
      if (seen >= rank) return Math.min(this.#maxMs, LEAST_MS * GROWTH ** (bucket - 0.5));
    }
    return this.#maxMs;
  }
}
