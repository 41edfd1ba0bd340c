import type { BatchArrays } from '../../datasets/batches/batch-schema.js';
import type { HostContext, HostState } from '../../runs/host-state.js';
import type { MaskSchedule } from './mask-schedule.js';
import { OverlapStore } from './overlap-store.js';
import { compileLabeller } from './sgdepth-labeller.js';
import type { SgdepthOptions } from './sgdepth-loss.js';

/**
 * Labels every batch by the network as it is. Decides by what was seen in the last epoch which images are trained without
 * mask, and remembers their Lambda. Source: SGDepth, section 3.3 and eq. 11.
 */
export async function maskState(
  method: SgdepthOptions,
  targets: number,
  schedule: MaskSchedule,
  { facts, parameters, size, batchesPerEpoch, ...where }: HostContext,
): Promise<HostState> {
  const labeller = await compileLabeller(parameters, { targets, ...size }, method, where);
  const store = new OverlapStore(facts.target?.count ?? 0, schedule);
  return {
    name: 'overlaps',
    async before(batch, index) {
      store.enterEpoch(Math.floor(index / batchesPerEpoch));
      const isStatic = Float32Array.from(triplets(batch), (triplet) => (store.isStatic(triplet) ? 1 : 0));
      return { ...(await labeller.label(batch)), isStatic };
    },
    after({ host }, batch) {
      for (const [i, triplet] of triplets(batch).entries())
        store.set(triplet, host.overlaps?.[i] ?? Number.NaN);
      const flags = [...(batch.isStatic ?? [])];
      return { static: flags.reduce((sum, flag) => sum + flag, 0) / flags.length };
    },
    save: () => store.save(),
    restore: (saved) => store.restore(saved),
    release: () => labeller.release(),
  };
}

function triplets(batch: BatchArrays): number[] {
  return [...(batch.triplets ?? [])];
}
