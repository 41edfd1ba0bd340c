import type { BatchArrays } from '../../datasets/batches/batch-schema.js';
import { loadBatches } from '../../datasets/batches/load-batches.js';
import type { BatchesOptions } from '../../datasets/batches/role-batches.js';
import type { Sizes } from '../../ops/assert-shape.js';
import { Adam } from '../../optimizers/adam.js';
import { type CompiledUpdate, compileUpdate } from '../../runs/compiled-update.js';
import { cosineLearningRate } from '../../runs/learning-rate.js';
import type { Parameters } from '../../weights/parameters.js';
import { boundedTraining, SCHEDULE, type TrainingBounds } from './bounded-training.js';
import {
  LABEL_ALIGNMENT_BATCH,
  LABEL_MAPS,
  type LabelAlignmentOptions,
  labelAlignmentLoss,
  labelDiscriminatorLoss,
} from './label-alignment-loss.js';

export interface AlignLabelWeightsOptions extends TrainingBounds {
  /** Changed in place; with those of the discriminator. */
  readonly parameters: Parameters;
  readonly method: LabelAlignmentOptions;
  readonly batches: BatchesOptions;
  readonly sizes: Sizes;
  readonly rates: {
    /** Peak, of the classes' head. */
    readonly labels: number;
    /** Learning rate of encoder and depth, as a share of that; 0 leaves them unchanged. */
    readonly trunk: number;
    readonly discriminator: number;
  };
  readonly threads: number;
}

/**
 * Trains the weights on single pictures by DADA's losses until time or steps are used up: in every step the networks first,
 * then the discriminator on the maps that they gave.
 * @returns the steps taken.
 */
export async function alignLabelWeights(options: AlignLabelWeightsOptions): Promise<number> {
  const { parameters, method, batches, sizes, threads, rates } = options;
  const common = { parameters, sizes, threads, batchStatistics: false };
  const networks = await compileUpdate({
    ...{ ...common, schema: LABEL_ALIGNMENT_BATCH },
    update: {
      name: 'networks',
      trains: rates.trunk > 0 ? ['encoder', 'depth', 'segmentation'] : ['segmentation'],
      loss: (scope, batch) => labelAlignmentLoss(scope, batch, method),
    },
  });
  const discriminator = await compileUpdate({
    ...{ ...common, schema: LABEL_MAPS },
    update: { name: 'discriminator', trains: ['discriminator'], loss: labelDiscriminatorLoss },
  });
  let maps: BatchArrays = {};
  const remembering: CompiledUpdate = {
    step: async (batch) => {
      const result = await networks.step(batch);
      maps = result.host;
      return result;
    },
    release: () => networks.release(),
  };
  return await boundedTraining(
    {
      ...{ parameters, update: remembering, loader: loadBatches(batches, 0), statisticsMomentum: 0 },
      feeds: (batch) => batch,
      optimizer: new Adam({ clipNorm: 1, groups: [{ match: /^(encoder|depth)\./, rate: rates.trunk }] }),
      learningRate: (_, share) =>
        cosineLearningRate(share * SCHEDULE.steps, { peak: rates.labels, ...SCHEDULE }),
      adversary: {
        update: { step: () => discriminator.step(maps), release: () => discriminator.release() },
        optimizer: new Adam({ beta1: 0.9, beta2: 0.99 }),
        learningRate: rates.discriminator,
      },
    },
    options,
  );
}
