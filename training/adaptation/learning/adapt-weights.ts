import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { compileUpdate } from '../../runs/compiled-update.js';
import type { Parameters } from '../../weights/parameters.js';
import { poseTriplets } from '../drive/pose-triplets.js';
import {
  type AdaptationBatch,
  type AdaptationBatchesOptions,
  adaptationSizes,
  loadAdaptationBatches,
  mirroredPose,
  type PosedTriplet,
} from './adaptation-batches.js';
import { boundedTraining, type TrainingBounds } from './bounded-training.js';
import { DepthPredictor } from './depth-predictor.js';
import { peakLearningRate } from './peak-learning-rate.js';
import { renewedPoses } from './renewed-poses.js';
import {
  ADAPTATION_BATCH,
  type SgdepthAdaptationOptions,
  sgdepthAdaptationLoss,
} from './sgdepth-adaptation.js';

export interface AdaptWeightsOptions extends TrainingBounds {
  /** Changed in place. */
  readonly parameters: Parameters;
  readonly method: SgdepthAdaptationOptions;
  readonly batches: AdaptationBatchesOptions;
  /** Peak for a short drive, see peakLearningRate. */
  readonly learningRate: number;
  /** Shares of the way at which the poses are found again, with the depth as it is then. */
  readonly refreshAt: readonly number[];
  readonly threads: number;
}

/** Of joint statistics: over about fifty steps. */
const STATISTICS_MOMENTUM = 0.02;

/** Trains the weights on a drive by SGDepth's losses until time or steps are used up. @returns the steps taken. */
export async function adaptWeights(options: AdaptWeightsOptions): Promise<number> {
  const { parameters, method, batches, threads } = options;
  const update = await compileUpdate({
    parameters,
    update: {
      ...{ name: 'all', trains: ['encoder', 'depth', 'segmentation'] },
      loss: (scope, batch) => sgdepthAdaptationLoss(scope, batch, method),
    },
    ...{ schema: ADAPTATION_BATCH, sizes: adaptationSizes(batches.targets, batches.batch), threads },
    batchStatistics: method.statistics === 'joint',
  });
  const poses: PosedTriplet[] = [...batches.triplets];
  const refresh = [...options.refreshAt];
  return await boundedTraining<AdaptationBatch>(
    {
      ...{ parameters, update, loader: loadAdaptationBatches(batches) },
      feeds: (batch) => ({ ...batch, ...stacked(poses, batch.triplets, batch.mirrored) }),
      peak: (done, share) => peakLearningRate(options.learningRate, batches.triplets.length, done / share),
      statisticsMomentum: STATISTICS_MOMENTUM,
      between: async (share) => {
        if (share < (refresh[0] ?? 1)) return;
        refresh.shift();
        await refreshPoses(options, poses);
      },
    },
    options,
  );
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
  { parameters, method, batches, threads }: AdaptWeightsOptions,
  poses: PosedTriplet[],
): Promise<void> {
  const { triplets, intrinsics, frames, batch } = batches;
  const predictor = await DepthPredictor.create(parameters, method, batch, threads);
  const found = await poseTriplets(frames, triplets, intrinsics, (rgb, drive) =>
    predictor.depth(rgb, intrinsics[drive]),
  ).finally(() => predictor.close());
  poses.splice(0, poses.length, ...renewedPoses(triplets, found));
}
