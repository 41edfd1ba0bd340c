import { COMPACT_NETWORK, PAPER_NETWORK, type SgdepthNetworkOptions } from '../networks/sgdepth-network.js';
import type { RunOptions } from './run-options.js';

/** The network that a run trains. */
export function networkOf({ preset }: Pick<RunOptions, 'preset'>): SgdepthNetworkOptions {
  return preset === 'paper' ? PAPER_NETWORK : COMPACT_NETWORK;
}
