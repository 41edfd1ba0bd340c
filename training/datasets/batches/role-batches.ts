import type { StoredSamplesOptions } from '../stores/stored-samples.js';
import type { StoredTripletsOptions } from '../stores/stored-triplets.js';
import type { BatchOptions, LABELLED_FIELDS } from './batch.js';
import type { PICTURE_FIELDS, PictureBatchOptions } from './picture-batch.js';
import type { TRIPLET_FIELDS, TripletBatchOptions } from './triplet-batch.js';

/**
 * One role of the data in a batch (source, target, ...): where its samples are, how they are laid out, what the batch
 * calls them. Plain data: workers are told it.
 */
export type RoleBatches =
  | {
      readonly kind: 'labelled';
      readonly data: StoredSamplesOptions;
      /** One for each shape of batches, see `shapeOfStep`. */
      readonly fill: readonly BatchOptions[];
      /** Names in the batch; what has none is left out. */
      readonly names: Readonly<Partial<Record<keyof typeof LABELLED_FIELDS, string>>>;
    }
  | {
      readonly kind: 'pictures';
      readonly data: StoredSamplesOptions;
      readonly fill: readonly PictureBatchOptions[];
      readonly names: Readonly<Partial<Record<keyof typeof PICTURE_FIELDS, string>>>;
    }
  | {
      readonly kind: 'triplets';
      readonly data: StoredTripletsOptions;
      readonly fill: readonly TripletBatchOptions[];
      readonly names: Readonly<Partial<Record<keyof typeof TRIPLET_FIELDS, string>>>;
    };

/** The data of a run. Plain data: workers are told it. */
export interface BatchesOptions {
  /** Every role that the method has, in its order; `undefined` where this run has no data for it. */
  readonly roles: readonly (RoleBatches | undefined)[];
  readonly seed: number;
}
