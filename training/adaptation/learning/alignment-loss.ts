import * as tf from '@tensorflow/tfjs';
import { LABELLED_FIELDS } from '../../datasets/batches/batch.js';
import { type BatchSchema, counted, type TensorsOf } from '../../datasets/batches/batch-schema.js';
import { PICTURE_FIELDS } from '../../datasets/batches/picture-batch.js';
import { logDepthLoss } from '../../losses/log-depth-loss.js';
import { weightedCrossEntropy } from '../../losses/weighted-cross-entropy.js';
import { adversarialLoss } from '../../methods/da-monodepth/da-monodepth-loss.js';
import { latentClassifier } from '../../networks/latent-classifier.js';
import type { Scope } from '../../networks/scope.js';
import {
  depthHead,
  disparityFromLogits,
  encode,
  type SgdepthNetworkOptions,
  segmentationHead,
} from '../../networks/sgdepth-network.js';
import { reverseGradient } from '../../ops/reverse-gradient.js';

/** DA-Monodepth's losses for a trained, metric network that is to see a drive as it sees its own domain. */
export interface AlignmentOptions {
  readonly network: SgdepthNetworkOptions;
  readonly minMeters: number;
  readonly maxMeters: number;
  readonly classWeights: readonly number[];
  readonly weights: {
    /** Weight of the source's cross-entropy (eq. 5), beside its depth loss with weight 1. */
    readonly segmentation: number;
    /** lambda_adv of eq. 6. */
    readonly adversarial: number;
  };
}

/** Labelled samples of the source and single pictures of the drive; H and W multiples of 32. */
export const ALIGNMENT_BATCH = {
  ...LABELLED_FIELDS,
  targetImage: counted(PICTURE_FIELDS.image, 'T'),
  /** Strength of the gradient reversal, 0..1. */
  reversal: { shape: [], dtype: 'float32', range: [0, 1], optional: true },
} as const satisfies BatchSchema;

/**
 * The loss of one batch. Beside DA-Monodepth: the network is the parent's, with its own losses on the source, so that what it
 * knows stays. The adversary sees the deepest features of both domains. Source: DA-Monodepth, eq. 1, 5 and 6.
 */
export function alignmentLoss(
  scope: Scope,
  batch: TensorsOf<typeof ALIGNMENT_BATCH>,
  { network, minMeters, maxMeters, classWeights, weights }: AlignmentOptions,
): { loss: tf.Scalar; metrics: Record<string, tf.Scalar> } {
  const { image, targetImage, disparity, weight, labels, reversal } = batch;
  const features = encode(scope, tf.concat([image, targetImage], 0), network);
  const count = image.shape[0];
  const first = (x: tf.Tensor4D) => tf.slice4d(x, [0, 0, 0, 0], [count, x.shape[1], x.shape[2], x.shape[3]]);
  const source = features.map(first) as unknown as typeof features; // still five
  const [logits] = depthHead(scope, source, network);
  const depth = logDepthLoss(disparityFromLogits(logits, minMeters, maxMeters), disparity, weight);
  const segmentation = weightedCrossEntropy(segmentationHead(scope, source, network), labels, classWeights);
  const told = latentClassifier(scope.child('domain'), reverseGradient(features[4], reversal ?? 1));
  const { loss: adversarial, accuracy: domainAccuracy } = adversarialLoss(told, count);
  const loss = tf.addN<tf.Scalar>([
    depth,
    segmentation.mul<tf.Scalar>(weights.segmentation),
    adversarial.mul<tf.Scalar>(weights.adversarial),
  ]);
  return { loss, metrics: { depth, segmentation, adversarial, domainAccuracy } };
}
