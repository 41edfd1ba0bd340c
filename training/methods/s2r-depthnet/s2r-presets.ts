import { PAPER_S2R_NETWORKS, type S2rDepthnetOptions } from '../../networks/s2r-depthnet.js';
import { NARROW_NETWORK } from '../../networks/sgdepth-network.js';
import { PAPER_TRANSLATION, type TranslationOptions } from './translation-loss.js';

export interface S2rPreset {
  readonly networks: Omit<S2rDepthnetOptions, 'input' | 'attention' | 'maxMeters'>;
  readonly translation: Omit<TranslationOptions, 'structureEncoder'>;
}

/** The paper's networks. */
export const PAPER_S2R: S2rPreset = {
  networks: { ...PAPER_S2R_NETWORKS, segmenter: NARROW_NETWORK },
  translation: PAPER_TRANSLATION,
};

/** Narrower again, with single blocks: for many runs on a CPU, such as the ablation. */
export const NARROW_S2R: S2rPreset = {
  networks: {
    structureEncoder: { filters: 6, blocks: 1 },
    structureDecoder: { filters: [12, 8], alignCorners: false },
    attentionModule: {
      encoder: [4, 4, 8, 12, 16, 24, 32, 32, 32],
      decoder: { filters: [16, 8, 8], alignCorners: false },
    },
    depthPredictor: { filters: 8, dilations: [1, 2, 3], blocks: 1, border: 'zero' },
    segmenter: NARROW_NETWORK,
  },
  translation: { styleFilters: 6, hidden: 24, discriminator: { filters: 8, layers: 3, scales: 2 } },
};

/** A quarter of the width and less, half the blocks, dilations and borders that suit small pictures: for CPUs. */
export const COMPACT_S2R: S2rPreset = {
  networks: {
    structureEncoder: { filters: 12, blocks: 2 },
    structureDecoder: { filters: [24, 12], alignCorners: false },
    attentionModule: {
      encoder: [8, 8, 12, 16, 32, 48, 64, 64, 64],
      decoder: { filters: [32, 16, 8], alignCorners: false },
    },
    depthPredictor: { filters: 12, dilations: [1, 2, 3], blocks: 2, border: 'zero' },
    segmenter: NARROW_NETWORK,
  },
  translation: { styleFilters: 12, hidden: 48, discriminator: { filters: 12, layers: 3, scales: 2 } },
};
