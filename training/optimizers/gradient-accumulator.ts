import { TrainingError } from '../errors.js';
import type { Tensors } from './tensors.js';

/**
 * The mean of the gradients of several small batches, for one update as if they had been one large batch. Only the statistics
 * of batch normalisation stay those of each small batch.
 */
export class GradientAccumulator {
  readonly #sums = new Map<string, Float32Array>();
  #count = 0;

  /** Adds one batch's gradients; the arrays may be reused afterwards. */
  add(gradients: Tensors): void {
    this.#count += 1;
    for (const [name, gradient] of Object.entries(gradients)) {
      const sum = this.#sums.get(name);
      if (sum === undefined || this.#count === 1) this.#start(name, gradient);
      else if (sum.length !== gradient.length) throw mismatch(name, sum.length, gradient.length);
      else for (let i = 0; i < sum.length; i++) sum[i] += gradient[i];
    }
  }

  /** Batches added since the last `take`. */
  get count(): number {
    return this.#count;
  }

  /** The mean over the batches; starts anew. The arrays are valid until the next `add`. */
  take(): Record<string, Float32Array> {
    if (this.#count === 0)
      throw new TrainingError('gradient accumulation: expected at least `1` batch, got 0');
    const share = 1 / this.#count;
    for (const sum of this.#sums.values()) for (let i = 0; i < sum.length; i++) sum[i] *= share;
    this.#count = 0;
    return Object.fromEntries(this.#sums);
  }

  #start(name: string, gradient: Float32Array): void {
    const sum = this.#sums.get(name);
    if (sum?.length === gradient.length) sum.set(gradient);
    else this.#sums.set(name, gradient.slice());
  }
}

function mismatch(name: string, expected: number, got: number): TrainingError {
  return new TrainingError(`gradient of \`${name}\`: expected \`${expected}\` elements, got ${got}`);
}
