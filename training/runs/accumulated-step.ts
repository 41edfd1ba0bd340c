import { GradientAccumulator } from '../optimizers/gradient-accumulator.js';
import type { StepResult } from './step-result.js';

/** What several batches give together, as if they were one step. */
export interface AccumulatedResult extends Omit<StepResult, 'updates'> {
  /** Statistics of each batch, in order. */
  readonly updates: readonly StepResult['updates'][];
}

/** Sums up the results of several batches: means of losses, metrics and gradients. One batch is passed on as it is. */
export class AccumulatedStep {
  readonly #batches: number;
  readonly #gradients = new GradientAccumulator();
  #loss = 0;
  #metrics: Record<string, number> = {};
  #updates: StepResult['updates'][] = [];

  constructor(batches: number) {
    this.#batches = batches;
  }

  /** @returns the step's result after the last of its batches, else `undefined`. */
  add({ loss, metrics, gradients, updates }: StepResult): AccumulatedResult | undefined {
    if (this.#batches === 1) return { loss, metrics, gradients, updates: [updates] };
    this.#gradients.add(gradients);
    this.#loss += loss / this.#batches;
    for (const [name, value] of Object.entries(metrics)) {
      this.#metrics[name] = (this.#metrics[name] ?? 0) + value / this.#batches;
    }
    this.#updates.push(updates);
    if (this.#gradients.count < this.#batches) return undefined;
    const result = {
      loss: this.#loss,
      metrics: this.#metrics,
      gradients: this.#gradients.take(),
      updates: this.#updates,
    };
    this.#loss = 0;
    this.#metrics = {};
    this.#updates = [];
    return result;
  }
}
