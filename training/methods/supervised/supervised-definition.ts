import { type RunDefinition, readWeights } from '../../runs/run-state.js';
import { networkParameters } from '../../weights/network-parameters.js';
import { initialParameters } from '../../weights/parameters.js';
import { networkOf } from './run-network.js';
import type { RunOptions } from './run-options.js';

/** A supervised run: drawn weights, or those of the checkpoint `from`. */
export function supervisedDefinition(options: RunOptions, from?: string): RunDefinition {
  const specs = networkParameters(networkOf(options));
  return {
    specs,
    optimizer: { weightDecay: options.weightDecay, clipNorm: 5 },
    start: () => (from === undefined ? initialParameters(specs, options.seed) : readWeights(from, specs)),
  };
}
