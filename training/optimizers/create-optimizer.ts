import { Adam, type AdamOptions } from './adam.js';
import type { Optimizer } from './optimizer.js';
import { Sgd, type SgdOptions } from './sgd.js';

export type OptimizerOptions =
  | ({ readonly kind: 'adam' } & AdamOptions)
  | ({ readonly kind: 'sgd' } & SgdOptions);

/** The optimiser of a kind, without state yet. */
export function createOptimizer({ kind, ...options }: OptimizerOptions): Optimizer {
  return kind === 'adam' ? new Adam(options) : new Sgd(options);
}
