import { euclideanNorm } from './euclidean-norm.js';
import type { Optimizer, SavedOptimizer } from './optimizer.js';
import { type ParameterGroup, rateOf } from './parameter-groups.js';
import type { Tensors } from './tensors.js';

export interface SgdOptions {
  /** Share of the velocity that stays from step to step; 0 is plain gradient descent. */
  readonly momentum?: number;
  /** Looks ahead along the velocity. */
  readonly nesterov?: boolean;
  /** L2 penalty: weightDecay * w is added to the gradient. */
  readonly weightDecay?: number;
  /** Gradients are scaled down together so that their global norm is at most this. */
  readonly clipNorm?: number;
  /** Other learning rates for some parameters; by default one for all. */
  readonly groups?: readonly ParameterGroup[];
}

/**
 * Gradient descent with momentum on the host, in place: u = momentum * u + g, w -= rate * u
 * (Nesterov: w -= rate * (g + momentum * u)).
 * Source: Sutskever et al. 2013, in the form of TensorFlow and PyTorch.
 */
export class Sgd implements Optimizer {
  readonly #options: Required<SgdOptions>;
  readonly #velocities = new Map<string, Float32Array>();
  #steps = 0;

  constructor(options: SgdOptions = {}) {
    this.#options = {
      momentum: 0,
      nesterov: false,
      weightDecay: 0,
      clipNorm: Number.POSITIVE_INFINITY,
      groups: [],
      ...options,
    };
  }

  /** Updates `values` in place. */
  update(values: Tensors, gradients: Tensors, learningRate: number): void {
    const { momentum, nesterov, weightDecay, clipNorm, groups } = this.#options;
    this.#steps += 1;
    const clip = Math.min(1, clipNorm / (euclideanNorm(gradients) + 1e-12));
    for (const [name, w] of Object.entries(values)) {
      const g = gradients[name];
      if (g === undefined) continue;
      const rate = learningRate * rateOf(groups, name);
      const u = this.#velocityOf(name, w.length);
      for (let i = 0; i < w.length; i++) {
        const gi = g[i] * clip + weightDecay * w[i];
        const ui = momentum * u[i] + gi;
        u[i] = ui;
        w[i] -= rate * (nesterov ? gi + momentum * ui : ui);
      }
    }
  }

  get steps(): number {
    return this.#steps;
  }

  /** Velocities go by the names of their parameters. */
  save(): SavedOptimizer {
    return { steps: this.#steps, tensors: Object.fromEntries(this.#velocities) };
  }

  restore({ steps, tensors }: SavedOptimizer): void {
    this.#steps = steps;
    for (const [name, values] of Object.entries(tensors)) this.#velocities.set(name, values.slice());
  }

  #velocityOf(name: string, length: number): Float32Array {
    const known = this.#velocities.get(name);
    if (known !== undefined) return known;
    const fresh = new Float32Array(length);
    this.#velocities.set(name, fresh);
    return fresh;
  }
}
