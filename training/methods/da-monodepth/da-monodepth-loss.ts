import * as tf from '@tensorflow/tfjs';
import { LABELLED_FIELDS } from '../../datasets/batches/batch.js';
import { type BatchSchema, counted, type TensorsOf } from '../../datasets/batches/batch-schema.js';
import { PICTURE_FIELDS } from '../../datasets/batches/picture-batch.js';
import { upsampleBilinear } from '../../geometry/upsample-bilinear.js';
import { binaryCrossEntropy } from '../../losses/binary-cross-entropy.js';
import { inverseDepthLoss } from '../../losses/inverse-depth-loss.js';
import { smoothnessLoss } from '../../losses/smoothness-loss.js';
import { weightedCrossEntropy } from '../../losses/weighted-cross-entropy.js';
import {
  type DaMonodepthNetworkOptions,
  depthDecoder,
  domainLogits,
  encodeDaMonodepth,
  semanticDecoder,
  sharedBlock,
} from '../../networks/da-monodepth-network.js';
import type { EncoderFeatures } from '../../networks/encoder-features.js';
import { inputNormalization } from '../../networks/input-normalization.js';
import type { Scope } from '../../networks/scope.js';
import { disparityFromLogits } from '../../networks/sgdepth-network.js';
import { reverseGradient } from '../../ops/reverse-gradient.js';
import type { MethodLoss } from '../../runs/method.js';

/** Labelled source images, unlabelled target images, and how strongly the gradient is reversed in this step. */
export const DA_MONODEPTH_BATCH = {
  ...LABELLED_FIELDS,
  targetImage: { ...counted(PICTURE_FIELDS.image, 'T'), optional: true },
  /** Strength of the gradient reversal, 0..1. */
  reversal: { shape: [], dtype: 'float32', range: [0, 1], optional: true },
} as const satisfies BatchSchema;

export type DaMonodepthBatch = TensorsOf<typeof DA_MONODEPTH_BATCH>;

/** Depth is taught from 1 m, whose inverse is 1, to the cap of the paper's section 4.2; the sky is taught as the cap. */
export const RANGE = { minMeters: 1, maxMeters: 80 } as const;

export interface DaMonodepthLossOptions {
  readonly network: DaMonodepthNetworkOptions;
  /** lambda_1, lambda_2 of eq. 4. */
  readonly l1Share: number;
  readonly smoothnessWeight: number;
  /** lambda_depth, lambda_seg, lambda_adv of eq. 6. */
  readonly depthWeight: number;
  readonly segmentationWeight: number;
  readonly adversarialWeight: number;
}

/**
 * One step of the whole network: L = lambda_adv L_adv + lambda_depth L_depth + lambda_seg L_seg. Both domains go through the
 * encoder as one batch; the decoders see the source alone. The gradient of L_adv is reversed before it reaches the encoder.
 * Without `targetImage` there is no L_adv, without classes no L_seg.
 * Source: DA-Monodepth, eq. 1 to 6.
 */
export function daMonodepthLoss(
  scope: Scope,
  batch: DaMonodepthBatch,
  options: DaMonodepthLossOptions,
): MethodLoss {
  const { network, depthWeight, segmentationWeight, adversarialWeight } = options;
  const { image, targetImage, disparity, weight, labels, reversal } = batch;
  const count = image.shape[0];
  const images = targetImage === undefined ? image : tf.concat([image, targetImage], 0);
  const encoded = encodeDaMonodepth(scope, images, network);
  const source = targetImage === undefined ? encoded : ofImages(encoded, count);
  const features = sharedBlock(scope, source, network, network.classes > 0 ? 2 : 1);
  const depth = depthLoss(depthDecoder(scope, features, network), { image, disparity, weight }, options);
  let loss: tf.Scalar = depth.mul(depthWeight);
  const metrics: Record<string, tf.Scalar> = { depth };
  if (network.classes > 0) {
    const segmentation = multiScaleCrossEntropy(semanticDecoder(scope, features, network), labels);
    loss = loss.add(segmentation.mul(segmentationWeight));
    metrics.segmentation = segmentation;
  }
  if (targetImage !== undefined) {
    const domain = adversarialLoss(domainLogits(scope, reverseGradient(encoded[4], reversal ?? 1)), count);
    loss = loss.add(domain.loss.mul(adversarialWeight));
    metrics.adversarial = domain.loss;
    metrics.domainAccuracy = domain.accuracy;
  }
  return { loss, metrics };
}

/**
 * L_depth: over the scales, the loss of inverse depth and the smoothness of each output, upsampled to the input's size.
 * @param logits of the inverse depth, any scales.
 * Source: eq. 4; "we follow the same procedure as [11] to resize the multi-scale disparity maps to input images size".
 */
export function depthLoss(
  logits: readonly tf.Tensor4D[],
  { image, disparity, weight }: Pick<DaMonodepthBatch, 'image' | 'disparity' | 'weight'>,
  {
    network,
    l1Share,
    smoothnessWeight,
  }: Pick<DaMonodepthLossOptions, 'network' | 'l1Share' | 'smoothnessWeight'>,
): tf.Scalar {
  const { mean, std } = inputNormalization(network);
  const picture = image.mul<tf.Tensor4D>(tf.tensor1d([...std])).add<tf.Tensor4D>(tf.tensor1d([...mean]));
  // The sky counts like anything else that is at the cap.
  const known = weight.greater(0).toFloat() as tf.Tensor4D; // keeps the rank
  const { minMeters, maxMeters } = RANGE;
  const terms = logits.map((coarse, scale) => {
    const factor = image.shape[1] / coarse.shape[1];
    const predicted = upsampleBilinear(disparityFromLogits(coarse, minMeters, maxMeters), factor);
    const smoothness = smoothnessLoss(predicted, picture).mean<tf.Scalar>();
    return inverseDepthLoss(predicted, disparity, known, { l1Share }).add<tf.Scalar>(
      smoothness.mul(smoothnessWeight / 2 ** scale),
    );
  });
  return tf.addN(terms);
}

/** L_seg: over the scales, the cross-entropy of each output, upsampled to the input's size. Source: eq. 5. */
export function multiScaleCrossEntropy(logits: readonly tf.Tensor4D[], labels: tf.Tensor3D): tf.Scalar {
  const terms = logits.map((coarse) => {
    const upsampled = upsampleBilinear(coarse, labels.shape[1] / coarse.shape[1]);
    return weightedCrossEntropy(upsampled, labels, new Array<number>(coarse.shape[3]).fill(1));
  });
  return tf.addN(terms);
}

/**
 * L_adv = -<log D(z_s)> - <log(1 - D(z_t))>, what the classifier makes small and, behind the gradient reversal, the encoder
 * large. It also tells the share of places that the classifier tells right, each domain counting half: 0.5 is chance.
 * @param logits of the domain, the source's images first. @param count of the source's images.
 * Source: eq. 1, with the sign of a loss.
 */
export function adversarialLoss(
  logits: tf.Tensor4D,
  count: number,
): { readonly loss: tf.Scalar; readonly accuracy: tf.Scalar } {
  const [batch, height, width] = logits.shape;
  const source = tf.slice4d(logits, [0, 0, 0, 0], [count, height, width, 1]);
  const target = tf.slice4d(logits, [count, 0, 0, 0], [batch - count, height, width, 1]);
  const share = (right: tf.Tensor) => right.toFloat().mean<tf.Scalar>();
  return {
    loss: binaryCrossEntropy(source, 1).add(binaryCrossEntropy(target, 0)),
    accuracy: share(source.greater(0))
      .add<tf.Scalar>(share(target.less(0)))
      .mul(0.5),
  };
}

/** The features of the first images of a batch. */
function ofImages(encoded: EncoderFeatures, count: number): EncoderFeatures {
  const first = (x: tf.Tensor4D) => tf.slice4d(x, [0, 0, 0, 0], [count, x.shape[1], x.shape[2], x.shape[3]]);
  const [a, b, c, d, e] = encoded;
  return [first(a), first(b), first(c), first(d), first(e)];
}

/** Asks the scope for every parameter that a run trains. @param withTarget whether there is a domain classifier. */
export function declareDaMonodepth(
  scope: Scope,
  image: tf.Tensor4D,
  network: DaMonodepthNetworkOptions,
  withTarget: boolean,
): void {
  const encoded = encodeDaMonodepth(scope, image, network);
  const features = sharedBlock(scope, encoded, network, 1);
  depthDecoder(scope, features, network);
  if (network.classes > 0) semanticDecoder(scope, features, network);
  if (withTarget) domainLogits(scope, encoded[4]);
}
