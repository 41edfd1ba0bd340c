import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { Adam } from '../../optimizers/adam.js';
import { compileUpdate } from '../../runs/compiled-update.js';
import { cosineLearningRate } from '../../runs/learning-rate.js';
import { type StepReport, train } from '../../runs/trainer.js';
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
import { DepthPredictor } from './depth-predictor.js';
import { peakLearningRate } from './peak-learning-rate.js';
import { renewedPoses } from './renewed-poses.js';
import {
  ADAPTATION_BATCH,
  type SgdepthAdaptationOptions,
  sgdepthAdaptationLoss,
} from './sgdepth-adaptation.js';

export interface AdaptWeightsOptions {
  /** Changed in place. */
  readonly parameters: Parameters;
  readonly method: SgdepthAdaptationOptions;
  readonly batches: AdaptationBatchesOptions;
  /** Peak for a short drive, see peakLearningRate. */
  readonly learningRate: number;
  /** Whichever ends first. */
  readonly seconds: number;
  readonly steps: number;
  /** Shares of the way at which the poses are found again, with the depth as it is then. */
  readonly refreshAt: readonly number[];
  readonly threads: number;
  readonly signal?: AbortSignal;
  onStep?(report: StepReport, share: number): void;
  /** Shares of the way at which `onSnapshot` may look at the weights as they are then. */
  readonly snapshotAt?: readonly number[];
  /** @param steps taken so far. */
  onSnapshot?(steps: number): Promise<void> | void;
}

/** Of joint statistics: over about fifty steps. */
const STATISTICS_MOMENTUM = 0.02;

/** Trains the weights on a drive by SGDepth's losses until time or steps are used up. @returns the steps taken. */
export async function adaptWeights(options: AdaptWeightsOptions): Promise<number> {
  const { parameters, method, batches, seconds, steps, threads } = options;
  const step = await compileUpdate({
    parameters,
    update: {
      ...{ name: 'all', trains: ['encoder', 'depth', 'segmentation'] },
      loss: (scope, batch) => sgdepthAdaptationLoss(scope, batch, method),
    },
    ...{ schema: ADAPTATION_BATCH, sizes: adaptationSizes(batches.targets, batches.batch), threads },
    batchStatistics: method.statistics === 'joint',
  });
  const loader = loadAdaptationBatches(batches);
  const poses: PosedTriplet[] = [...batches.triplets];
  const refresh = [...options.refreshAt];
  const snapshots = [...(options.snapshotAt ?? [])];
  const began = performance.now();
  const stop = new AbortController();
  const share = (done: number) =>
    Math.min(1, Math.max(done / steps, (performance.now() - began) / 1000 / seconds));
  options.signal?.addEventListener('abort', () => stop.abort());
  if (options.signal?.aborted) stop.abort();
  try {
    return await train<AdaptationBatch>({
      parameters,
      firstStep: 0,
      lastStep: steps,
      nextBatch: (at) => loader.next(at),
      recycle: (at, batch) => loader.recycle(at, batch),
      updates: [
        {
          compute: (_, batch) => step.step({ ...batch, ...stacked(poses, batch.triplets, batch.mirrored) }),
          optimizer: new Adam({ clipNorm: 1 }),
          learningRate: (done) =>
            cosineLearningRate(share(done) * 1000, {
              peak: peakLearningRate(options.learningRate, batches.triplets.length, done / share(done)),
              ...{ steps: 1000, warmup: 30 },
            }),
        },
      ],
      statisticsMomentum: STATISTICS_MOMENTUM,
      signal: stop.signal,
      onStep: async (report) => {
        const at = share(report.step);
        options.onStep?.(report, at);
        const passed = snapshots.filter((each) => at >= each).length;
        snapshots.splice(0, passed);
        if (passed > 0) await options.onSnapshot?.(report.step);
        if (at >= 1) stop.abort();
        else if (at >= (refresh[0] ?? 1)) {
          refresh.shift();
          await refreshPoses(options, poses);
        }
        await new Promise((resolve) => setImmediate(resolve));
      },
    });
  } finally {
    await loader.close();
    await step.release();
  }
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
