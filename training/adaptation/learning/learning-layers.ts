/** Which parameters of the network an adaptation changes. */
export type LearningLayers = 'all' | 'decoders' | 'encoder' | 'normalisation';

/** Batch normalisation's factors and offsets, by PyTorch's names. */
const IS_NORMALISATION = /(^|\.)(bn\d*|downsample\.1)\.(weight|bias)$/;

/** Networks that gradients are computed for, and of their parameters those that learn. */
export const LAYERS: Readonly<
  Record<LearningLayers, { readonly networks: readonly string[]; learns(name: string): boolean }>
> = {
  all: { networks: ['encoder', 'depth', 'segmentation'], learns: () => true },
  decoders: { networks: ['depth', 'segmentation'], learns: () => true },
  encoder: { networks: ['encoder'], learns: () => true },
  normalisation: {
    networks: ['encoder', 'depth', 'segmentation'],
    learns: (name) => IS_NORMALISATION.test(name),
  },
};
