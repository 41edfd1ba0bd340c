import { drawDropoutMask } from '../../networks/dropout.js';
import type { HostState } from '../../runs/host-state.js';
import { Random } from '../../simulator/random.js';

/** Tells its random numbers apart from others of the same seed. */
const OWN_SEEDS = 0x64726f70;

/**
 * Masks of dropout: a function of the seed and of the batch's place in the run. So there is nothing to save, and a resumed
 * run draws the same ones.
 */
export function dropoutState(length: number, rate: number, seed: number): HostState {
  const dropout = new Float32Array(length);
  return {
    name: 'dropout',
    before(_batch, index) {
      drawDropoutMask(dropout, rate, new Random(seed + OWN_SEEDS, index));
      return { dropout };
    },
    after: () => ({}),
    save: () => ({}),
    restore: () => undefined,
    release: async () => undefined,
  };
}
