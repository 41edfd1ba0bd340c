import type { Parameters } from '../weights/parameters.js';

/**
 * The mean of the weights over many steps: small batches of one drive drive the weights to and fro, which the mean takes
 * back; it is worth more on drives that nobody saw than the last weights are.
 * Source: Izmailov et al. 2018, Averaging Weights Leads to Wider Optima and Better Generalization.
 */
export class WeightAverage {
  readonly #sums = new Map<string, Float64Array>();
  #count = 0;

  add(parameters: Parameters): void {
    for (const [name, { values }] of parameters) {
      const sum = this.#sums.get(name) ?? new Float64Array(values.length);
      for (let i = 0; i < values.length; i++) sum[i] += values[i];
      this.#sums.set(name, sum);
    }
    this.#count++;
  }

  /** Sets the weights to the mean of those that were added; without any they stay. */
  apply(parameters: Parameters): void {
    for (const [name, { values }] of parameters) {
      const sum = this.#sums.get(name);
      if (sum !== undefined) for (let i = 0; i < values.length; i++) values[i] = sum[i] / this.#count;
    }
  }
}
