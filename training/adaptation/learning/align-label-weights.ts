import type { BatchArrays } from '../../datasets/batches/batch-schema.js';
import { loadBatches } from '../../datasets/batches/load-batches.js';
import type { BatchesOptions } from '../../datasets/batches/role-batches.js';
import type { Sizes } from '../../ops/assert-shape.js';
import type { OptimizerOptions } from '../../optimizers/create-optimizer.js';
import { type CompiledUpdate, compileUpdate } from '../../runs/compiled-update.js';
import type { TrainingBounds } from './bounded-training.js';
import {
  LABEL_ALIGNMENT_BATCH,
  LABEL_MAPS,
  type LabelAlignmentOptions,
  labelAlignmentLoss,
  labelDiscriminatorLoss,
} from './label-alignment-loss.js';
import { ADAPTATION_ADAM, type LearningState } from './learning-state.js';
import { type Learned, nightlyTraining } from './nightly-training.js';
import type { ParentLogits } from './parent-logits.js';

const HEAD = 'head';
const DISCRIMINATOR = 'discriminator';

export interface AlignLabelWeightsOptions extends TrainingBounds {
  /** Weights, which are changed in place, with those of the discriminator; {@link LABEL_OPTIMIZERS}, and where they are kept. */
  readonly state: LearningState;
  readonly method: LabelAlignmentOptions;
  /** Says what the parent says of several views of normalised pictures. */
  readonly parent: Pick<ParentLogits, 'of'>;
  readonly batches: BatchesOptions;
  readonly sizes: Sizes;
  readonly rates: {
    /** Peak, of the classes' head. */
    readonly labels: number;
    readonly discriminator: number;
  };
  readonly threads: number;
}

/** By the names of the updates. */
export const LABEL_OPTIMIZERS: Readonly<Record<string, OptimizerOptions>> = {
  [HEAD]: ADAPTATION_ADAM,
  [DISCRIMINATOR]: { kind: 'adam', beta1: 0.9, beta2: 0.99 },
};

/**
 * Trains the labels' head on single pictures by DADA's losses until time or steps are used up. In every step the head learns
 * first, then the discriminator on the maps that it gave. Encoder and depth stay to the bit: nothing here says what is right
 * of depth, and labels gained as much without them.
 */
export async function alignLabelWeights(options: AlignLabelWeightsOptions): Promise<Learned> {
  const { state, method, parent, batches, sizes, threads, rates } = options;
  const { parameters, step: firstStep } = state;
  const common = { parameters, sizes, threads, batchStatistics: false };
  const head = await compileUpdate({
    ...{ ...common, schema: LABEL_ALIGNMENT_BATCH },
    update: {
      name: HEAD,
      trains: ['segmentation'],
      loss: (scope, batch) => labelAlignmentLoss(scope, batch, method),
    },
  });
  const discriminator = await compileUpdate({
    ...{ ...common, schema: LABEL_MAPS },
    update: { name: DISCRIMINATOR, trains: ['discriminator'], loss: labelDiscriminatorLoss },
  });
  let maps: BatchArrays = {};
  const remembering: CompiledUpdate = {
    step: async (batch) => {
      const result = await head.step(batch);
      maps = result.host;
      return result;
    },
    release: () => head.release(),
  };
  return await nightlyTraining(
    {
      ...{ parameters, update: remembering, loader: loadBatches(batches, firstStep), firstStep },
      ...{ statisticsMomentum: 0, peak: rates.labels },
      feeds: async (batch) => ({
        ...batch,
        viewedLogits: await parent.of(batch.targetImage as Float32Array), // by the schema
      }),
      optimizer: state.optimizer(HEAD),
      adversary: {
        update: { step: () => discriminator.step(maps), release: () => discriminator.release() },
        optimizer: state.optimizer(DISCRIMINATOR),
        learningRate: rates.discriminator,
      },
      save: (done) => state.save(done),
      remove: () => state.remove(),
    },
    options,
  );
}
