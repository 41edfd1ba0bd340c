import type { DataRole } from './data-role.js';
import type { RunOptions } from './run-options.js';

/** Samples of every role in a phase's batches, in the method's order of roles; 0: none. */
export type BatchCounts = Readonly<Record<string, number>>;

/** As the phase says, or where it says nothing the options. */
export function batchCounts(
  { data }: { readonly data: Readonly<Record<string, DataRole>> },
  options: RunOptions,
  { batchSizes }: { readonly batchSizes?: BatchCounts },
): BatchCounts {
  const counts = Object.entries(data).map(([name, role]) => {
    const count = batchSizes === undefined ? role.batchSize(options) : (batchSizes[name] ?? 0);
    return [name, count] as const;
  });
  return Object.fromEntries(counts);
}
