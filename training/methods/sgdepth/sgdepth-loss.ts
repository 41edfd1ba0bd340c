import * as tf from '@tensorflow/tfjs';
import { LABELLED_FIELDS } from '../../datasets/batches/batch.js';
import { type BatchSchema, counted, type TensorsOf } from '../../datasets/batches/batch-schema.js';
import { TRIPLET_FIELDS } from '../../datasets/batches/triplet-batch.js';
import { TrainingError } from '../../errors.js';
import { nearestWarp } from '../../geometry/nearest-warp.js';
import { poseFromVector } from '../../geometry/pose-from-vector.js';
import { dynamicObjectMask, dynamicOverlap, dynamicPixels } from '../../losses/dynamic-masks.js';
import { photometricLoss } from '../../losses/photometric-loss.js';
import { smoothnessLoss } from '../../losses/smoothness-loss.js';
import { type CrossEntropyMean, weightedCrossEntropy } from '../../losses/weighted-cross-entropy.js';
import type { EncoderFeatures } from '../../networks/encoder-features.js';
import { type PoseNetworkOptions, poseNetwork } from '../../networks/pose-network.js';
import type { Scope } from '../../networks/scope.js';
import {
  depthHead,
  disparityFromLogits,
  encode,
  type SgdepthNetworkOptions,
  segmentationHead,
} from '../../networks/sgdepth-network.js';
import { assertShape } from '../../ops/assert-shape.js';
import { sgdepthTotal } from './sgdepth-total.js';
import { explain, type SourceView, sourceCoordinates } from './sgdepth-view.js';

export interface SgdepthOptions {
  readonly network: SgdepthNetworkOptions;
  readonly pose: PoseNetworkOptions;
  /** Range of the depth head. The unit is whatever the poses make it: only ratios of depths are learned. */
  readonly minMeters: number;
  readonly maxMeters: number;
  /** Disparities that are trained: the network's finest, half its resolution, ... */
  readonly scales: number;
  /** beta of eq. 11 at the finest scale, halved at every coarser one. */
  readonly smoothnessWeight: number;
  /** Whether unwarped sources compete with the warped ones. */
  readonly autoMask: boolean;
  /** How Lambda is taken over both sources; see `dynamicOverlap`. */
  readonly overlap: 'mean' | 'joint';
  /** Over what the segmentation's cross-entropy is averaged; the labelled pixels where left out. */
  readonly crossEntropy?: CrossEntropyMean;
  /** Class weights of the segmentation's cross-entropy, one a class; if absent, depth alone is trained. */
  readonly classWeights?: readonly number[];
}

/** One joint batch: triplets of the target domain, S labelled images of the same size of the source domain. */
export const SGDEPTH_BATCH = {
  ...TRIPLET_FIELDS,
  /**
   * m_t, m_t-1 and m_t+1: trainIds as the network in evaluation mode gives them. All three or none; without them nothing is
   * masked.
   */
  labels: { shape: ['B', 'H', 'W'], dtype: 'int32', range: [0, 255], optional: true },
  previousLabels: { shape: ['B', 'H', 'W'], dtype: 'int32', range: [0, 255], optional: true },
  nextLabels: { shape: ['B', 'H', 'W'], dtype: 'int32', range: [0, 255], optional: true },
  /** 1 for images that are trained without mask, else 0; left out: every image is masked. */
  isStatic: { shape: ['B'], dtype: 'float32', range: [0, 1], optional: true },
  sourceImage: { ...counted(LABELLED_FIELDS.image, 'S'), optional: true },
  /** Source labels at the resolution of the class logits. Numbers that are no class are ignored. */
  sourceLabels: { ...counted(LABELLED_FIELDS.labels, 'S'), optional: true },
} as const satisfies BatchSchema;

export type SgdepthBatch = TensorsOf<typeof SGDEPTH_BATCH>;

export interface SgdepthResult {
  readonly loss: tf.Scalar;
  readonly metrics: Readonly<Record<string, tf.Scalar>>;
  /** Lambda_t of each target image [B]; without masks there is none. */
  readonly overlaps?: tf.Tensor1D | undefined;
}

/**
 * The loss of one joint batch: depth from triplets without labels, segmentation from labelled images of another domain.
 * The masks and Lambda are those of the finest depth; the photometric losses of all scales, upsampled to the pictures'
 * resolution, share them. Smoothness is taken at each scale's own resolution.
 * Source: SGDepth, sections 3 and 4.
 */
export function sgdepthLoss(scope: Scope, batch: SgdepthBatch, options: SgdepthOptions): SgdepthResult {
  const { features, sourceFeatures } = encodeJointly(scope, batch, options);
  const logits = depthHead(scope, features, options.network, options.scales);
  const disparities = logits.map((x) => disparityFromLogits(x, options.minMeters, options.maxMeters));
  const views = sourceViews(scope, batch, options.pose);
  const coordinates = disparities.map((disparity) =>
    sourceCoordinates(disparity, batch.intrinsics, views, batch.picture.shape),
  );
  const [finest] = coordinates;
  if (finest === undefined) throw new TrainingError('scales: expected at least `1`, got 0');
  const masks = dynamicMasks(finest, batch, options.overlap);
  const scales = disparities.map((disparity, scale) => {
    const { error, explained } = explain(
      batch.picture,
      views,
      coordinates[scale] ?? finest,
      options.autoMask,
    );
    const factor = batch.picture.shape[1] / disparity.shape[1];
    const picture = tf.avgPool(batch.picture, factor, factor, 'valid');
    return {
      photometric: photometricLoss(error),
      masked: masks === undefined ? undefined : photometricLoss(error, masks.mask),
      smoothness: smoothnessLoss(disparity, picture).div<tf.Tensor1D>(2 ** scale),
      explained,
    };
  });
  const mean = (terms: readonly tf.Tensor1D[]): tf.Tensor1D => tf.addN([...terms]).div(terms.length);
  const photometric = mean(scales.map((scale) => scale.photometric));
  const smoothness = mean(scales.map((scale) => scale.smoothness));
  const masked = scales.flatMap((scale) => scale.masked ?? []);
  const segmentation = segmentationLoss(scope, sourceFeatures, batch, options);
  const loss = sgdepthTotal({
    crossEntropy: segmentation,
    smoothness,
    photometric,
    maskedPhotometric: masked.length === 0 ? undefined : mean(masked),
    isStatic: batch.isStatic,
    smoothnessWeight: options.smoothnessWeight,
  });
  const metrics: Record<string, tf.Scalar> = {
    photometric: photometric.mean(),
    smoothness: smoothness.mean(),
    explained: scales[0]?.explained.mean() ?? tf.scalar(0),
  };
  if (segmentation !== undefined) metrics.segmentation = segmentation;
  if (masks !== undefined) {
    metrics.masked = tf.sub<tf.Scalar>(1, masks.mask.mean());
    metrics.overlap = masks.overlaps.mean();
  }
  return { loss, metrics, overlaps: masks?.overlaps };
}

/** Both domains through the shared encoder as one batch, so that they share its statistics. Source: SGDepth, section 4. */
function encodeJointly(
  scope: Scope,
  { image, sourceImage }: SgdepthBatch,
  { network, classWeights }: SgdepthOptions,
): { features: EncoderFeatures; sourceFeatures?: EncoderFeatures } {
  if (classWeights === undefined) return { features: encode(scope, image, network) };
  if (sourceImage === undefined) throw missing('sourceImage', 'segmentation is trained (`classWeights`)');
  const [, height, width] = image.shape;
  assertShape(sourceImage, ['S', height, width, 3], 'sourceImage');
  const both = encode(scope, tf.concat([image, sourceImage], 0), network);
  const part = (begin: number, count: number): EncoderFeatures => {
    const [a, b, c, d, e] = both;
    const slice = (x: tf.Tensor4D): tf.Tensor4D => {
      const [, h, w, channels] = x.shape;
      return tf.slice4d(x, [begin, 0, 0, 0], [count, h, w, channels]);
    };
    return [slice(a), slice(b), slice(c), slice(d), slice(e)];
  };
  const targets = image.shape[0];
  return { features: part(0, targets), sourceFeatures: part(targets, sourceImage.shape[0]) };
}

function segmentationLoss(
  scope: Scope,
  features: EncoderFeatures | undefined,
  { sourceLabels }: SgdepthBatch,
  { network, classWeights, crossEntropy }: SgdepthOptions,
): tf.Scalar | undefined {
  if (features === undefined || classWeights === undefined) return undefined;
  if (sourceLabels === undefined) throw missing('sourceLabels', 'segmentation is trained (`classWeights`)');
  const logits = segmentationHead(scope, features, network);
  assertShape(sourceLabels, logits.shape.slice(0, 3), 'sourceLabels');
  return weightedCrossEntropy(logits, sourceLabels, classWeights, crossEntropy);
}

/** The frames before and after with their poses; both pairs go through the pose network as one batch, in temporal order. */
export function sourceViews(scope: Scope, batch: SgdepthBatch, options: PoseNetworkOptions): SourceView[] {
  const { image, previousImage, nextImage } = batch;
  const [count] = image.shape;
  const motion = poseNetwork(
    scope,
    tf.concat([previousImage, image], 0),
    tf.concat([image, nextImage], 0),
    options,
  );
  return [
    {
      picture: batch.previousPicture,
      sourceFromTarget: poseFromVector(motion.slice([0, 0], [count, 6]), true),
    },
    {
      picture: batch.nextPicture,
      sourceFromTarget: poseFromVector(motion.slice([count, 0], [count, 6])),
    },
  ];
}

/** mu_t and Lambda_t of each target image, where there are labels. @param coordinates of the sources, previous and next. */
export function dynamicMasks(
  coordinates: readonly tf.Tensor4D[],
  batch: SgdepthBatch,
  overSources: 'mean' | 'joint',
): { mask: tf.Tensor4D; overlaps: tf.Tensor1D } | undefined {
  const given = [batch.labels, batch.previousLabels, batch.nextLabels];
  if (given.every((labels) => labels === undefined)) return undefined;
  const names = ['labels', 'previousLabels', 'nextLabels'];
  const [target, ...sources] = given.map((labels, index) => {
    if (labels === undefined) throw missing(names[index] ?? '', 'other frames have labels');
    assertShape(labels, batch.picture.shape.slice(0, 3), names[index] ?? '');
    return dynamicPixels(labels);
  }) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D]; // of three
  const warped = sources.map((source, index) => nearestWarp(source, coordinates[index], 0));
  return {
    mask: dynamicObjectMask(target, warped),
    overlaps: dynamicOverlap(target, warped, overSources),
  };
}

function missing(name: string, reason: string): TrainingError {
  return new TrainingError(`sgdepth: expected \`${name}\` in the batch, since ${reason}; it is missing`);
}

/** Computes all networks once, so that the scope meets every parameter. */
export function declareSgdepth(scope: Scope, image: tf.Tensor4D, options: SgdepthOptions): void {
  const features = encode(scope, image, options.network);
  depthHead(scope, features, options.network, options.scales);
  if (options.classWeights !== undefined) segmentationHead(scope, features, options.network);
  poseNetwork(scope, image, image, options.pose);
}
