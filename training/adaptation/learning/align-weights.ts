import { loadBatches } from '../../datasets/batches/load-batches.js';
import type { BatchesOptions } from '../../datasets/batches/role-batches.js';
import type { Sizes } from '../../ops/assert-shape.js';
import { reversalStrength } from '../../optimizers/reversal-strength.js';
import { compileUpdate } from '../../runs/compiled-update.js';
import { cosineLearningRate } from '../../runs/learning-rate.js';
import type { Parameters } from '../../weights/parameters.js';
import { ALIGNMENT_BATCH, type AlignmentOptions, alignmentLoss } from './alignment-loss.js';
import { boundedTraining, SCHEDULE, type TrainingBounds } from './bounded-training.js';

export interface AlignWeightsOptions extends TrainingBounds {
  /** Changed in place; with those of the domain classifier. */
  readonly parameters: Parameters;
  readonly method: AlignmentOptions;
  readonly batches: BatchesOptions;
  readonly sizes: Sizes;
  /** Peak. */
  readonly learningRate: number;
  readonly threads: number;
}

/** Trains the weights on single pictures by DA-Monodepth's losses until time or steps are used up. @returns the steps taken. */
export async function alignWeights(options: AlignWeightsOptions): Promise<number> {
  const { parameters, method, batches, sizes, threads } = options;
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
  return await boundedTraining(
    {
      ...{ parameters, update, loader: loadBatches(batches, 0) },
      feeds: (batch, share) => ({ ...batch, reversal: Float32Array.of(reversalStrength(share)) }),
      learningRate: (_, share) =>
        cosineLearningRate(share * SCHEDULE.steps, { peak: options.learningRate, ...SCHEDULE }),
      statisticsMomentum: 0,
    },
    options,
  );
}
