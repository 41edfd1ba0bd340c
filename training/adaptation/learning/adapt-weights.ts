import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import type { Optimizer } from '../../optimizers/optimizer.js';
import { compileUpdate } from '../../runs/compiled-update.js';
import { poseTriplets } from '../drive/pose-triplets.js';
import {
  type AdaptationBatch,
  type AdaptationBatchesOptions,
  adaptationSizes,
  loadAdaptationBatches,
  mirroredPose,
  type PosedTriplet,
} from './adaptation-batches.js';
import type { TrainingBounds } from './bounded-training.js';
import { DepthPredictor } from './depth-predictor.js';
import { LAYERS, type LearningLayers } from './learning-layers.js';
import type { LearningState } from './learning-state.js';
import { type Learned, nightlyTraining } from './nightly-training.js';
import type { ParentLogits } from './parent-logits.js';
import { peakLearningRate } from './peak-learning-rate.js';
import { renewedPoses } from './renewed-poses.js';
import {
  ADAPTATION_BATCH,
  type SgdepthAdaptationOptions,
  sgdepthAdaptationLoss,
} from './sgdepth-adaptation.js';

/** The rate follows the planned steps. */
export interface AdaptWeightsOptions extends TrainingBounds {
  /** Weights, which are changed in place, optimizer and poses, and where they are kept. */
  readonly state: LearningState;
  readonly method: SgdepthAdaptationOptions;
  /** Whose labels of the drive are kept, where `method` keeps them. */
  readonly parent?: Pick<ParentLogits, 'of'> | undefined;
  readonly batches: AdaptationBatchesOptions;
  /** Which parameters learn; all where left out. */
  readonly layers?: LearningLayers;
  /** Peak for a short drive, see peakLearningRate. */
  readonly learningRate: number;
  /** Shares of the steps at which the poses are found again, with the depth as it is then. */
  readonly refreshAt: readonly number[];
  readonly threads: number;
}

/** Momentum of joint statistics: over about fifty steps. */
const STATISTICS_MOMENTUM = 0.02;

/** Trains the weights on drives by SGDepth's losses until steps or time are used up. */
export async function adaptWeights(options: AdaptWeightsOptions): Promise<Learned> {
  const { state, method, parent, batches, steps, threads, layers = 'all' } = options;
  const { parameters, step: firstStep } = state;
  const update = await compileUpdate({
    parameters,
    update: {
      ...{ name: 'all', trains: LAYERS[layers].networks },
      loss: (scope, batch) => sgdepthAdaptationLoss(scope, batch, method),
    },
    ...{
      schema: ADAPTATION_BATCH,
      threads,
      sizes: { ...adaptationSizes(batches.targets, batches.batch), C: method.network.classes },
    },
    fields: Object.keys(ADAPTATION_BATCH).filter((name) => name !== 'parentLogits' || parent !== undefined),
    batchStatistics: method.statistics === 'joint',
  });
  const renewed = state.poses(batches.triplets);
  const poses: PosedTriplet[] = [...(renewed ?? batches.triplets)];
  let isRenewed = renewed !== undefined;
  const refresh = options.refreshAt.filter((at) => at > firstStep / steps);
  return await nightlyTraining<AdaptationBatch>(
    {
      ...{ parameters, update, loader: loadAdaptationBatches(batches, firstStep), firstStep },
      optimizer: selective(state.optimizer(), LAYERS[layers].learns),
      feeds: async (batch) => ({
        ...{ ...batch, ...stacked(poses, batch.triplets, batch.mirrored) },
        ...(parent && { parentLogits: await parent.of(batch.picture) }),
      }),
      peak: peakLearningRate(options.learningRate, batches.triplets.length, steps),
      statisticsMomentum: STATISTICS_MOMENTUM,
      between: async (done) => {
        if (done / steps < (refresh[0] ?? 1)) return;
        refresh.shift();
        await refreshPoses(options, poses);
        isRenewed = true;
      },
      save: (done) => state.save(done, isRenewed ? poses : undefined),
      remove: () => state.remove(),
    },
    options,
  );
}

/** An optimizer that leaves some parameters as they are. */
function selective(optimizer: Optimizer, learns: (name: string) => boolean): Optimizer {
  return {
    get steps() {
      return optimizer.steps;
    },
    save: () => optimizer.save(),
    restore: (saved) => optimizer.restore(saved),
    update: (values, gradients, rate) =>
      optimizer.update(
        Object.fromEntries(Object.entries(values).filter(([name]) => learns(name))),
        gradients,
        rate,
      ),
  };
}

function stacked(poses: readonly PosedTriplet[], triplets: Int32Array, mirrored: Int32Array) {
  const stack = (of: (pose: PosedTriplet) => RigidTransform) => {
    const values = new Float32Array(16 * triplets.length);
    triplets.forEach((index, i) => {
      const pose = of(poses[index]);
      values.set(mirrored[i] === 1 ? mirroredPose(pose) : pose, 16 * i);
    });
    return values;
  };
  return { previousPose: stack((pose) => pose.previousPose), nextPose: stack((pose) => pose.nextPose) };
}

/** Finds all poses again, with the depth as it is now. */
async function refreshPoses(
  { state: { parameters }, method, batches, threads }: AdaptWeightsOptions,
  poses: PosedTriplet[],
): Promise<void> {
  const { triplets, intrinsics, frames, batch } = batches;
  const predictor = await DepthPredictor.create(parameters, method, batch, threads);
  const found = await poseTriplets(frames, triplets, intrinsics, (rgb, drive) =>
    predictor.depth(rgb, intrinsics[drive]),
  ).finally(() => predictor.close());
  poses.splice(0, poses.length, ...renewedPoses(triplets, found));
}
