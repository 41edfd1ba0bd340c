/** Share of the time from which on the rate falls, if the time ends before the steps. */
const BEGIN = 0.75;

/**
 * Lets the learning rate fall to nothing when the time ends before all planned steps are taken: weights that were learned
 * at a high rate are noisy, and tonight's are to be judged. What was learned before it fell is what the next night goes on from.
 */
export class EarlyEnd {
  readonly #firstStep: number;
  readonly #steps: number;
  #since: number | undefined;

  /** @param firstStep taken on earlier nights. @param steps planned in all. */
  constructor(firstStep: number, steps: number) {
    this.#firstStep = firstStep;
    this.#steps = steps;
  }

  /** Whether the rate falls. */
  get hasBegun(): boolean {
    return this.#since !== undefined;
  }

  /** @param timeShare of tonight's time that is used up, 0..1. @returns whether it begins now, before the step after `done`. */
  begins(done: number, timeShare: number): boolean {
    if (this.#since !== undefined || timeShare < BEGIN) return false;
    const expected = this.#firstStep + (done - this.#firstStep) / timeShare;
    if (expected >= this.#steps) return false;
    this.#since = timeShare;
    return true;
  }

  /** Times the learning rate: 1, then a line down to a hundredth at the end of the time. */
  factor(timeShare: number): number {
    if (this.#since === undefined) return 1;
    return Math.max(0.01, Math.min(1, (1 - timeShare) / (1 - this.#since)));
  }
}
