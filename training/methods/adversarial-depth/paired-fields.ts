import { LABELLED_FIELDS } from '../../datasets/batches/batch.js';
import type { BatchSchema } from '../../datasets/batches/batch-schema.js';

/** What a batch of the method holds: pictures with true depth, and what lives on the host between steps. */
export const PAIRED_FIELDS = {
  ...LABELLED_FIELDS,
  /** Mask of the generator's dropout, at its bottleneck. */
  dropout: { shape: ['B', 'y', 'x', 'C'], dtype: 'float32', range: [0, 1e3], optional: true },
  /** What the discriminator is shown as generated: image and coded depth, of this step or an earlier one. */
  generated: { shape: ['B', 'H', 'W', 4], dtype: 'float32', range: [-20, 20], optional: true },
} as const satisfies BatchSchema;
