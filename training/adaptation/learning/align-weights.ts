import { loadBatches } from '../../datasets/batches/load-batches.js';
import type { BatchesOptions } from '../../datasets/batches/role-batches.js';
import type { Sizes } from '../../ops/assert-shape.js';
import { reversalStrength } from '../../optimizers/reversal-strength.js';
import { compileUpdate } from '../../runs/compiled-update.js';
import { ALIGNMENT_BATCH, type AlignmentOptions, alignmentLoss } from './alignment-loss.js';
import type { TrainingBounds } from './bounded-training.js';
import type { LearningState } from './learning-state.js';
import { type Learned, nightlyTraining } from './nightly-training.js';

export interface AlignWeightsOptions extends TrainingBounds {
  /** Weights, which are changed in place, with those of the domain classifier; optimizer, and where they are kept. */
  readonly state: LearningState;
  readonly method: AlignmentOptions;
  readonly batches: BatchesOptions;
  readonly sizes: Sizes;
  /** Peak. */
  readonly learningRate: number;
  readonly threads: number;
}

/** Trains the weights on single pictures by DA-Monodepth's losses until time or steps are used up. */
export async function alignWeights(options: AlignWeightsOptions): Promise<Learned> {
  const { state, method, batches, sizes, threads, steps } = options;
  const { parameters, step: firstStep } = state;
  const update = await compileUpdate({
    parameters,
    update: {
      ...{ name: 'all', trains: ['encoder', 'depth', 'segmentation', 'domain'] },
      loss: (scope, batch) => alignmentLoss(scope, batch, method),
    },
    ...{ schema: ALIGNMENT_BATCH, sizes, threads },
    // The parent's statistics stay: those of few pictures of one place are not better.
    batchStatistics: false,
  });
  return await nightlyTraining(
    {
      ...{ parameters, update, loader: loadBatches(batches, firstStep), firstStep },
      optimizer: state.optimizer(),
      feeds: (batch, done) => ({ ...batch, reversal: Float32Array.of(reversalStrength(done / steps)) }),
      peak: options.learningRate,
      statisticsMomentum: 0,
      save: (done) => state.save(done),
      remove: () => state.remove(),
    },
    options,
  );
}
