import type * as tf from '@tensorflow/tfjs';
import type { LABELLED_FIELDS } from '../../datasets/batches/batch.js';
import type { TensorsOf } from '../../datasets/batches/batch-schema.js';
import { confidenceLoss } from '../../losses/confidence-loss.js';
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

/**
 * Small, so that the confidence's gradients hardly count where all gradients are clipped together; Adam's steps are as long
 * whatever the weight.
 */
const CONFIDENCE_WEIGHT = 0.01;

/**
 * SGDepth's networks, all heads supervised: what the simulator's exact truth allows. The confidence, where the network has
 * it, learns beside the depth and changes nothing of it.
 */
export function supervisedLoss(
  scope: Scope,
  batch: TensorsOf<typeof LABELLED_FIELDS>,
  options: SupervisedLossOptions,
): MethodLoss {
  const { disparity, confidence: trust, features } = predictDisparity(scope, batch.image, options);
  const depth = logDepthLoss(disparity, batch.disparity, batch.weight);
  const segmentation = weightedCrossEntropy(
    segmentationHead(scope, features, options.network),
    batch.labels,
    options.classWeights,
  );
  const both = depth.add<tf.Scalar>(segmentation.mul(options.segmentationWeight));
  if (trust === undefined) return { loss: both, metrics: { depth, segmentation } };
  const confidence = confidenceLoss(trust, disparity, batch.disparity, batch.weight);
  return {
    loss: both.add(confidence.mul(CONFIDENCE_WEIGHT)),
    metrics: { depth, segmentation, confidence },
  };
}

/** The confidence head alone: the others are frozen, and the classes are not computed. */
export function confidenceAloneLoss(
  scope: Scope,
  batch: TensorsOf<typeof LABELLED_FIELDS>,
  options: Pick<SupervisedLossOptions, 'network' | 'minMeters' | 'maxMeters'>,
): MethodLoss {
  const { disparity, confidence: trust } = predictDisparity(scope, batch.image, options);
  if (trust === undefined) throw new RangeError('the network has no confidence head');
  const confidence = confidenceLoss(trust, disparity, batch.disparity, batch.weight);
  const depth = logDepthLoss(disparity, batch.disparity, batch.weight);
  return { loss: confidence, metrics: { confidence, depth } };
}
