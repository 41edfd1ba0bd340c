import type { StoreDescription } from '../stores/sample-store.js';
import type { Batch, BatchOptions } from './batch.js';
import { BatchLoader } from './batch-loader.js';

export interface SampleBatchOptions {
  readonly folder: string;
  readonly description: StoreDescription;
  /** The samples of the store that are used. */
  readonly indices: readonly number[];
  /** One or two shapes of batches, see `shapeOfStep`. */
  readonly batches: readonly BatchOptions[];
  readonly seed: number;
}

/** Batches of labelled samples with depth, from `firstStep` on. */
export function loadSampleBatches(options: SampleBatchOptions, firstStep: number): BatchLoader<Batch> {
  return new BatchLoader(
    {
      worker: new URL('./batch-worker.js', import.meta.url),
      workerData: options,
      shapes: options.batches.length,
      source: options.folder,
    },
    firstStep,
  );
}
