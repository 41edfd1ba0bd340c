import { AdamKernel } from './adam-kernel.js';
import { euclideanNorm } from './euclidean-norm.js';
import type { Optimizer, SavedOptimizer } from './optimizer.js';
import { type ParameterGroup, rateOf } from './parameter-groups.js';
import type { Tensors } from './tensors.js';

export interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Decoupled weight decay: values shrink by learningRate * weightDecay a step. Only of arrays with more than one axis, see `decays`. */
  readonly weightDecay?: number;
  /** Gradients are scaled down together so that their global norm is at most this. */
  readonly clipNorm?: number;
  /** Other learning rates for some parameters; by default one for all. */
  readonly groups?: readonly ParameterGroup[];
  /** Whether weight decay applies to a parameter; by default to all but biases and normalisation (`*.bias`, `*bn*.weight`). */
  readonly decays?: (name: string) => boolean;
}

const IS_SCALE_OR_SHIFT = /(\.bias$|bn\d*\.weight$|downsample\.1\.weight$)/;

/**
 * Adam on the host, in place. m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, w -= rate * (m / (1 - b1^t)) / (sqrt(v / (1 -
 * b2^t)) + epsilon). Source: Kingma and Ba 2015, algorithm 1; decoupled weight decay: Loshchilov and Hutter 2019.
 */
export class Adam implements Optimizer {
  readonly #options: Required<AdamOptions>;
  readonly #kernel = new AdamKernel();
  #steps = 0;

  constructor(options: AdamOptions = {}) {
    this.#options = {
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
      clipNorm: Number.POSITIVE_INFINITY,
      groups: [],
      decays: (name) => !IS_SCALE_OR_SHIFT.test(name),
      ...options,
    };
  }

  /** Updates `values` in place. */
  update(values: Tensors, gradients: Tensors, learningRate: number): void {
    const { beta1, beta2, epsilon, weightDecay, clipNorm, decays, groups } = this.#options;
    this.#steps += 1;
    const clip =
      clipNorm === Number.POSITIVE_INFINITY ? 1 : Math.min(1, clipNorm / (euclideanNorm(gradients) + 1e-12));
    const firstMoment = 1 - beta1 ** this.#steps;
    const correction = 1 / Math.sqrt(1 - beta2 ** this.#steps);
    for (const [name, w] of Object.entries(values)) {
      const g = gradients[name];
      if (g === undefined) continue;
      const own = learningRate * rateOf(groups, name);
      const keep = 1 - (weightDecay > 0 && decays(name) ? own * weightDecay : 0);
      const rate = own / firstMoment;
      this.#kernel.update(name, w, g, { clip, beta1, beta2, keep, rate, correction, epsilon });
    }
  }

  /** Updates made so far, t in the formulas; fewer than the run's steps where some were skipped. */
  get steps(): number {
    return this.#steps;
  }

  /** Moments are `m:NAME` and `v:NAME`. */
  save(): SavedOptimizer {
    const lengths = [...this.#kernel.lengths];
    const named = (prefix: string, which: 'first' | 'second') =>
      lengths.map(
        ([name, length]) => [`${prefix}:${name}`, this.#kernel.moments(name, length)[which]] as const,
      );
    return {
      steps: this.#steps,
      tensors: Object.fromEntries([...named('m', 'first'), ...named('v', 'second')]),
    };
  }

  restore({ steps, tensors }: SavedOptimizer): void {
    this.#steps = steps;
    for (const [key, values] of Object.entries(tensors)) {
      const { first, second } = this.#kernel.moments(key.slice(2), values.length);
      (key.startsWith('m:') ? first : second).set(values);
    }
  }
}
