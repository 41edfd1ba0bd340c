import { LABELLED_FIELDS } from '../../datasets/batches/batch.js';
import { type BatchSchema, counted, type TensorsOf } from '../../datasets/batches/batch-schema.js';
import { PICTURE_FIELDS } from '../../datasets/batches/picture-batch.js';

/** Numbers of a style. Source: Huang et al. 2018 (MUNIT), section 5.1. */
export const STYLE_NUMBERS = 8;

/** Pictures of the source with their truth; in step 1 also S pictures of the style set, and drawn styles. */
export const S2R_BATCH = {
  ...LABELLED_FIELDS,
  styleImage: { ...counted(PICTURE_FIELDS.image, 'S'), optional: true },
  /** Styles of the style set for the source's pictures, and of the source for the others. */
  drawnStyle: { shape: ['B', STYLE_NUMBERS], dtype: 'float32', range: [-10, 10], optional: true },
  drawnSourceStyle: { shape: ['S', STYLE_NUMBERS], dtype: 'float32', range: [-10, 10], optional: true },
} as const satisfies BatchSchema;

export type S2rBatch = TensorsOf<typeof S2R_BATCH>;
