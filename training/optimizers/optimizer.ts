import type { Tensors } from './tensors.js';

/** An optimizer between two updates: exactly what the next one depends on. */
export interface SavedOptimizer {
  readonly steps: number;
  /** Shared with the optimizer, not copied: valid until its next update. */
  readonly tensors: Tensors;
}

/** Updates weights on the host, in place. */
export interface Optimizer {
  /** Updates made so far; fewer than a run's steps where some were skipped. */
  readonly steps: number;
  /** @param values without a gradient of their name stay as they are. */
  update(values: Tensors, gradients: Tensors, learningRate: number): void;
  save(): SavedOptimizer;
  /** Goes on from a saved state as if it had never stopped. */
  restore(saved: SavedOptimizer): void;
}
