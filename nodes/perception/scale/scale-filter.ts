/** Estimates that the median is taken of. */
const WINDOW = 25;
/** As many are needed before the first result. */
const LEAST = 3;
/** Share by which the result may change from one estimate to the next. */
const LARGEST_STEP = 0.02;

/**
 * Smooths the estimates of a factor: the median of the last 25, approached by at most 2 % from one estimate to the next.
 * Estimates out of bounds are left out and counted.
 */
export class ScaleFilter {
  readonly #least: number;
  readonly #most: number;
  #recent: number[] = [];
  #value: number | undefined;
  #rejected = 0;

  /** @param bounds factors beyond these are no estimates. */
  constructor({ least, most }: { readonly least: number; readonly most: number }) {
    this.#least = least;
    this.#most = most;
  }

  /** Undefined before the third estimate. */
  get value(): number | undefined {
    return this.#value;
  }

  /** Estimates out of bounds so far. */
  get rejected(): number {
    return this.#rejected;
  }

  /** Standard deviation of the recent estimates relative to each other; NaN before the first result. */
  get spread(): number {
    if (this.#value === undefined) return Number.NaN;
    const logarithms = this.#recent.map(Math.log);
    const mean = logarithms.reduce((a, b) => a + b, 0) / logarithms.length;
    return Math.sqrt(logarithms.reduce((a, b) => a + (b - mean) ** 2, 0) / logarithms.length);
  }

  add(estimate: number): void {
    if (!(estimate >= this.#least && estimate <= this.#most)) {
      this.#rejected += 1;
      return;
    }
    this.#recent.push(estimate);
    if (this.#recent.length > WINDOW) this.#recent.shift();
    if (this.#recent.length < LEAST) return;
    const sorted = [...this.#recent].sort((a, b) => a - b);
    const middle = sorted[sorted.length >> 1] as number;
    // The first few estimates settle the value, later ones only move it.
    if (this.#value === undefined || this.#recent.length < 2 * LEAST) this.#value = middle;
    else {
      const limit = 1 + LARGEST_STEP;
      this.#value = Math.max(this.#value / limit, Math.min(this.#value * limit, middle));
    }
  }

  /** Forgets all: another model has another scale. */
  reset(): void {
    this.#recent = [];
    this.#value = undefined;
  }
}
