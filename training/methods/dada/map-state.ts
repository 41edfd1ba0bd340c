import type { BatchArrays } from '../../datasets/batches/batch-schema.js';
import type { HostState } from '../../runs/host-state.js';

/**
 * Hands the maps that the networks' update gave for a batch on to the discriminators' update of the same step. Nothing of it
 * outlives a step.
 */
export function mapState(discriminator: string): HostState {
  const maps = new Map<number, BatchArrays>();
  let current = 0;
  return {
    name: 'maps',
    before(_batch, index, update) {
      current = index;
      if (update !== discriminator) return {};
      const own = maps.get(index);
      if (own === undefined)
        throw new RangeError(`batch ${index} has no maps: its networks' update comes first`);
      maps.delete(index);
      return own;
    },
    after({ update, host }) {
      // Copies: a later batch of the same step may be computed into the same memory.
      if (update !== discriminator)
        maps.set(current, Object.fromEntries(Object.entries(host).map(([name, map]) => [name, map.slice()])));
      return {};
    },
    save: () => ({}),
    restore: () => {},
    release: async () => maps.clear(),
  };
}
