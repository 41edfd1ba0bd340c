import { BatchLoader } from './batch-loader.js';
import type { BatchArrays } from './batch-schema.js';
import type { BatchesOptions } from './role-batches.js';

/** Batches from `firstStep` on, made in a worker thread. */
export function loadBatches(options: BatchesOptions, firstStep: number): BatchLoader<BatchArrays> {
  const roles = options.roles.filter((role) => role !== undefined);
  return new BatchLoader(
    {
      worker: new URL('./batch-worker.js', import.meta.url),
      workerData: options,
      shapes: Math.max(...roles.map(({ fill }) => fill.length)),
      source: roles.map(({ data }) => data.folder).join(' and '),
    },
    firstStep,
  );
}
