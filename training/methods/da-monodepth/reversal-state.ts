import { reversalStrength } from '../../optimizers/reversal-strength.js';
import type { HostContext, HostState } from '../../runs/host-state.js';
import type { DaMonodepthOptions } from './da-monodepth-options.js';

/** Tells every batch how strongly the gradient is reversed: a function of the step that it belongs to, so nothing is kept. */
export function reversalState(
  { reversal }: Pick<DaMonodepthOptions, 'reversal'>,
  { steps, batchesPerStep }: Pick<HostContext, 'steps' | 'batchesPerStep'>,
): HostState {
  const last = Math.max(1, steps - 1);
  return {
    name: 'reversal',
    before: (_batch, index) => ({
      reversal: Float32Array.of(
        reversal === 'constant' ? 1 : reversalStrength(Math.floor(index / batchesPerStep) / last),
      ),
    }),
    after: (_result, batch) => ({ reversal: batch.reversal?.[0] ?? Number.NaN }),
    save: () => ({}),
    restore: () => undefined,
    release: async () => undefined,
  };
}
