import type { Phase } from './method.js';
import type { RunOptions } from './run-options.js';

/** Batches whose gradients are averaged for one step of a phase: as the phase says, or where it says nothing the options. */
export function batchesPerStep(
  { accumulate }: Pick<RunOptions, 'accumulate'>,
  phase: Pick<Phase, 'batchesPerStep'>,
): number {
  return phase.batchesPerStep ?? accumulate;
}
