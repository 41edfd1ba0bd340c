/** Share of the time from which on the rate falls, if the time ends before the steps. */
const BEGIN = 0.75;

/**
 * Lets the learning rate fall to nothing when the time ends before all planned steps are taken. Weights that were learned at
 * a high rate are noisy, and tonight's are to be judged. What was learned before it fell is what the next night goes on from.
 */
export class EarlyEnd {
  readonly #firstStep: number;
  readonly #steps: number;
  #since: number | undefined;
  /** When the first step was done: what comes before it, compiling and all, is not how long a step takes. */
  #first: { readonly done: number; readonly timeShare: number } | undefined;

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
    this.#first ??= { done, timeShare };
    if (this.#since !== undefined || timeShare < BEGIN) return false;
    if (this.#expected(done, timeShare) >= this.#steps) return false;
    this.#since = timeShare;
    return true;
  }

  /** Steps that are taken when the time is up, if it goes on as since the first one. */
  #expected(done: number, timeShare: number): number {
    const { done: from, timeShare: since } = this.#first ?? { done, timeShare };
    return timeShare > since
      ? done + ((done - from) / (timeShare - since)) * (1 - timeShare)
      : this.#firstStep + (done - this.#firstStep) / timeShare;
  }

  /** Times the learning rate: 1, then a line down to a hundredth at the end of the time. */
  factor(timeShare: number): number {
    if (this.#since === undefined) return 1;
    return Math.max(0.01, Math.min(1, (1 - timeShare) / (1 - this.#since)));
  }
}
