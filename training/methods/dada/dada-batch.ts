import type { BatchSchema } from '../../datasets/batches/batch-schema.js';

const SOURCE_PICTURE = ['S', 'SH', 'SW', 3] as const;
const PLANE = { dtype: 'float32', layout: 'NCHW' } as const;
const MAP = { dtype: 'float32', range: [-1e9, 1e9], optional: true } as const;

/** One image of each domain, and what the discriminators see: h and w are the size of the network's outputs. */
export const DADA_BATCH = {
  image: { ...PLANE, shape: SOURCE_PICTURE, range: [-20, 20] },
  /** True inverse depth at the canonical focal length, 1/m. */
  disparity: { ...PLANE, shape: ['S', 'Sh', 'Sw', 1], range: [0, 1e4] },
  /** Weight of each pixel in the depth loss. */
  weight: { ...PLANE, shape: ['S', 'Sh', 'Sw', 1], range: [0, 1] },
  /** Indices of the class set, 255 = ignore. */
  labels: { shape: ['S', 'Sh', 'Sw'], dtype: 'int32', range: [0, 255] },
  targetImage: { ...PLANE, shape: ['T', 'TH', 'TW', 3], range: [-20, 20] },
  /** What the discriminator of the surprisal (times depth, with DADA's fusion) sees of this step's outputs. */
  sourceMap: { ...MAP, shape: ['S', 'Sh', 'Sw', 'C'] },
  targetMap: { ...MAP, shape: ['T', 'Th', 'Tw', 'C'] },
  /** What the discriminator of the depth alone sees. */
  sourceDepthMap: { ...MAP, shape: ['S', 'Sh', 'Sw', 1] },
  targetDepthMap: { ...MAP, shape: ['T', 'Th', 'Tw', 1] },
} as const satisfies BatchSchema;
