import type { HostContext, HostState } from '../../runs/host-state.js';
import { Random } from '../../simulator/random.js';
import { STYLE_NUMBERS } from './s2r-batch.js';

/** Tells its streams from those of weights and batches. */
const STREAM = 0x57e1;

/**
 * Draws the styles that step 1 translates to, from a Gaussian: a function of seed, batch and update alone, so that it
 * keeps nothing. Source: Huang et al. 2018 (MUNIT), section 3, q(s) ~ N(0, I).
 */
export function styleState(seed: number, { counts }: Pick<HostContext, 'counts'>): HostState {
  const drawn = (random: Random, count: number) =>
    Float32Array.from({ length: count * STYLE_NUMBERS }, () => Math.max(-10, Math.min(10, random.normal())));
  return {
    name: 'styles',
    before(_batch, index, update) {
      const random = new Random(seed, STREAM + 2 * index + (update === 'discriminator' ? 1 : 0));
      return {
        drawnStyle: drawn(random, counts.source ?? 0),
        drawnSourceStyle: drawn(random, counts.style ?? 0),
      };
    },
    after: () => ({}),
    save: () => ({}),
    restore: () => {},
    release: async () => {},
  };
}
