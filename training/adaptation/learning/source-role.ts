import { type BatchOptions, LABELLED_NAMES } from '../../datasets/batches/batch.js';
import type { BatchesOptions } from '../../datasets/batches/role-batches.js';
import type { SampleSet } from './source-samples.js';

/** Labelled samples of the parent's own domains, for batches of them beside the drive's pictures. */
export function sourceRole(
  { folder, description }: SampleSet,
  batch: BatchOptions,
): BatchesOptions['roles'][number] {
  return {
    kind: 'labelled',
    data: { folder, description, count: description.count },
    fill: [batch],
    names: LABELLED_NAMES,
  };
}
