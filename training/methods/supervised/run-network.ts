import {
  COMPACT_NETWORK,
  efficientNetwork,
  NARROW_NETWORK,
  PAPER_NETWORK,
  type SgdepthNetworkOptions,
} from '../../networks/sgdepth-network.js';
import type { RunOptions } from './run-options.js';

const NETWORKS: Readonly<Record<RunOptions['preset'], SgdepthNetworkOptions>> = {
  compact: COMPACT_NETWORK,
  narrow: NARROW_NETWORK,
  paper: PAPER_NETWORK,
  efficient: efficientNetwork('efficientnet-lite0'),
  'efficient-1': efficientNetwork('efficientnet-lite1'),
  'efficient-2': efficientNetwork('efficientnet-lite2'),
};

/** The network that a run trains. */
export function networkOf({ preset }: Pick<RunOptions, 'preset'>): SgdepthNetworkOptions {
  return NETWORKS[preset];
}
