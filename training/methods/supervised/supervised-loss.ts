import type { LABELLED_FIELDS } from '../../datasets/batches/batch.js';
import type { TensorsOf } from '../../datasets/batches/batch-schema.js';
import { logDepthLoss } from '../../losses/log-depth-loss.js';
import { weightedCrossEntropy } from '../../losses/weighted-cross-entropy.js';
import type { Scope } from '../../networks/scope.js';
import {
  predictDisparity,
  type SgdepthNetworkOptions,
  segmentationHead,
} from '../../networks/sgdepth-network.js';
import type { MethodLoss } from '../../runs/method.js';

export interface SupervisedLossOptions {
  readonly network: SgdepthNetworkOptions;
  /** Range of the depth head, metres at the canonical focal length. SGDepth: 0.1..100. */
  readonly minMeters: number;
  readonly maxMeters: number;
  readonly classWeights: readonly number[];
  readonly segmentationWeight: number;
}

/** SGDepth's networks, both heads supervised: what the simulator's exact truth allows. */
export function supervisedLoss(
  scope: Scope,
  batch: TensorsOf<typeof LABELLED_FIELDS>,
  options: SupervisedLossOptions,
): MethodLoss {
  const { disparity, features } = predictDisparity(scope, batch.image, options);
  const depth = logDepthLoss(disparity, batch.disparity, batch.weight);
  const segmentation = weightedCrossEntropy(
    segmentationHead(scope, features, options.network),
    batch.labels,
    options.classWeights,
  );
  return {
    loss: depth.add(segmentation.mul(options.segmentationWeight)),
    metrics: { depth, segmentation },
  };
}
