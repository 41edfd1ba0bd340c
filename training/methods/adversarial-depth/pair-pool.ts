import { ImagePool, type ImagePoolOptions } from '../../datasets/batches/image-pool.js';
import { TrainingError } from '../../errors.js';
import type { HostState } from '../../runs/host-state.js';

/**
 * Hands what the generator made of a batch to the discriminator, by way of a pool of earlier pairs. Within a step the
 * generator learns first, and the discriminator sees what it made before that.
 * @param batchSize pairs a batch. @param generatorUpdate name of the update whose loss gives `generated`.
 * Source: adversarial-depth, sections 3.1 and 3.2: "a pooling history of randomly selected 50 patch pairs".
 */
export function pairPool(options: ImagePoolOptions, batchSize: number, generatorUpdate: string): HostState {
  const pool = new ImagePool(options);
  const nothing = new Float32Array(batchSize * options.length);
  /** Pairs by the batch's index: with several batches a step, the discriminator's turn comes after all of them. */
  const made = new Map<number, Float32Array>();
  let current = 0;
  return {
    name: 'pool',
    before(_batch, index, update) {
      current = index;
      if (update === generatorUpdate) return { generated: nothing };
      const generated = made.get(index);
      if (generated === undefined) throw new RangeError(`batch ${index} has no generated pairs`);
      made.delete(index);
      pool.exchange(generated);
      return { generated };
    },
    after({ update, host }) {
      const { generated } = host;
      if (update !== generatorUpdate || generated === undefined) return {};
      if (!generated.every(Number.isFinite)) {
        throw new TrainingError(
          "the generator's depth is no longer finite: the training has diverged; its last checkpoint is kept, start anew from it with a smaller `--learning-rate`",
        );
      }
      // A copy: the memory of results may be used again.
      made.set(current, generated.slice());
      return {};
    },
    save: () => pool.save(),
    restore: (saved) => {
      if (Object.keys(saved).length > 0) pool.restore(saved);
    },
    release: async () => made.clear(),
  };
}
