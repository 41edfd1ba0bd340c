import * as tf from '@tensorflow/tfjs';
import { LABELLED_FIELDS } from '../../datasets/batches/batch.js';
import { type BatchSchema, counted, type TensorsOf } from '../../datasets/batches/batch-schema.js';
import { TRIPLET_FIELDS } from '../../datasets/batches/triplet-batch.js';
import { TrainingError } from '../../errors.js';
import { absolute } from '../../losses/absolute.js';
import { keptLabelsLoss } from '../../losses/kept-labels-loss.js';
import { logDepthLoss } from '../../losses/log-depth-loss.js';
import { photometricLoss } from '../../losses/photometric-loss.js';
import { smoothnessLoss } from '../../losses/smoothness-loss.js';
import { weightedCrossEntropy } from '../../losses/weighted-cross-entropy.js';
import { explain, sourceCoordinates } from '../../methods/sgdepth/sgdepth-view.js';
import type { Scope } from '../../networks/scope.js';
import {
  depthHead,
  disparityFromLogits,
  encode,
  type SgdepthNetworkOptions,
  segmentationHead,
} from '../../networks/sgdepth-network.js';

/** SGDepth's losses for a trained, metric network that is to fit a recorded drive and to keep what it knows. */
export interface SgdepthAdaptationOptions {
  readonly network: SgdepthNetworkOptions;
  readonly minMeters: number;
  readonly maxMeters: number;
  /** Focal length at which the network's depth is metric, pixels. */
  readonly canonicalFocalPixels: number;
  readonly classWeights: readonly number[];
  /** Statistics of the batch normalisation: those of the batch, over drive and source together, or the stored ones. */
  readonly statistics: 'joint' | 'frozen';
  readonly weights: {
    /** Weight of the masked photometric error (eq. 9), beside the source's depth loss with weight 1. */
    readonly photometric: number;
    /** beta of eq. 11. */
    readonly smoothness: number;
    /** Weight of the loss that keeps the parent's depth where the photometric error is masked out. */
    readonly keep: number;
    /** Weight of the source's cross-entropy (eq. 5). */
    readonly segmentation: number;
    /** Weight of the loss that keeps the parent's labels on the drive; 0 asks for no `parentLogits`. */
    readonly labels: number;
  };
}

const POSE = { shape: ['B', 4, 4], dtype: 'float32', range: [-1e6, 1e6] } as const;

/** B triplets of the drive and S labelled samples of the source domain; H and W multiples of 32. */
export const ADAPTATION_BATCH = {
  ...{ image: TRIPLET_FIELDS.image, picture: TRIPLET_FIELDS.picture, intrinsics: TRIPLET_FIELDS.intrinsics },
  ...{ previousPicture: TRIPLET_FIELDS.previousPicture, nextPicture: TRIPLET_FIELDS.nextPicture },
  /** Which triplets these are, and whether they are mirrored (1). */
  triplets: TRIPLET_FIELDS.triplets,
  mirrored: { shape: ['B'], dtype: 'int32', range: [0, 1], host: true },
  /** Metres: sourceFromTarget. The trainer knows them. */
  previousPose: { ...POSE, optional: true },
  nextPose: { ...POSE, optional: true },
  /** mu_t: 0 on dynamic classes of the target and of its neighbours, as the parent sees them, else 1. */
  mask: { shape: ['B', 'H', 'W', 1], dtype: 'float32', layout: 'NCHW', range: [0, 1] },
  /** 1/m at the canonical focal length, as the parent has it. */
  parentDisparity: LABELLED_FIELDS.disparity,
  /** Where the parent's depth is kept. */
  keep: LABELLED_FIELDS.weight,
  /** The parent's class logits of the target as it was taken, as they were learned. The trainer asks the parent. */
  parentLogits: {
    shape: ['B', 'h', 'w', 'C'],
    dtype: 'float32',
    layout: 'NCHW',
    range: [-1e6, 1e6],
    optional: true,
  },
  sourceImage: counted(LABELLED_FIELDS.image, 'S'),
  sourceDisparity: counted(LABELLED_FIELDS.disparity, 'S'),
  sourceWeight: counted(LABELLED_FIELDS.weight, 'S'),
  sourceLabels: counted(LABELLED_FIELDS.labels, 'S'),
} as const satisfies BatchSchema;

/**
 * The loss of one batch. It differs from SGDepth in four ways. Poses are given, so that there is no pose network to train
 * first. Direct alignment with the parent's depth finds them, which gives them its metric scale. Depth of the source is
 * supervised too. Dynamic objects, which the masks leave without any loss, stay where the parent has them. Labels of the
 * drive stay the parent's, because no photometric error asks for them while the encoder moves. With joint statistics the
 * running ones move to the mixture of both domains, as in SGDepth's training. Source: SGDepth, eq. 3, 4, 5, 9 and 11.
 */
export function sgdepthAdaptationLoss(
  scope: Scope,
  batch: TensorsOf<typeof ADAPTATION_BATCH>,
  options: SgdepthAdaptationOptions,
): { loss: tf.Scalar; metrics: Record<string, tf.Scalar> } {
  const { network, minMeters, maxMeters, canonicalFocalPixels, weights } = options;
  const { previousPose, nextPose } = batch;
  if (previousPose === undefined || nextPose === undefined)
    throw new TrainingError(
      'adaptation: expected `previousPose` and `nextPose` in the batch, they are missing',
    );
  const features = encode(scope, tf.concat([batch.image, batch.sourceImage], 0), network);
  const [logits] = depthHead(scope, features, network);
  const both = disparityFromLogits(logits, minMeters, maxMeters);
  const [count, sources] = [batch.image.shape[0], batch.sourceImage.shape[0]];
  const disparity = part(both, 0, count);
  const depth = logDepthLoss(part(both, count, sources), batch.sourceDisparity, batch.sourceWeight);
  const { parentLogits } = batch;
  if (weights.labels > 0 && parentLogits === undefined)
    throw new TrainingError('adaptation: expected `parentLogits` in the batch, they are missing');
  const keepsLabels = weights.labels > 0 && parentLogits !== undefined;
  const seen = features.map((x) => (keepsLabels ? x : part(x, count, sources)));
  const classLogits = segmentationHead(scope, seen as unknown as typeof features, network); // still five
  const sourceLogits = keepsLabels ? part(classLogits, count, sources) : classLogits;
  const segmentation = weightedCrossEntropy(sourceLogits, batch.sourceLabels, options.classWeights);
  const labels = keepsLabels ? keptLabelsLoss(part(classLogits, 0, count), parentLogits) : tf.scalar(0);

  const focal = batch.intrinsics.slice([0, 0], [count, 1]).reshape([count, 1, 1, 1]);
  const metric = disparity.mul(canonicalFocalPixels).div<tf.Tensor4D>(focal);
  const views = [
    { picture: batch.previousPicture, sourceFromTarget: previousPose },
    { picture: batch.nextPicture, sourceFromTarget: nextPose },
  ];
  const coordinates = sourceCoordinates(metric, batch.intrinsics, views, batch.picture.shape);
  const { error, explained } = explain(batch.picture, views, coordinates, true);
  const photometric = photometricLoss(error, batch.mask).mean<tf.Scalar>();
  const factor = batch.picture.shape[1] / disparity.shape[1];
  const smoothness = smoothnessLoss(
    disparity,
    tf.avgPool(batch.picture, factor, factor, 'valid'),
  ).mean<tf.Scalar>();
  const away = absolute(disparity.log().sub<tf.Tensor4D>(batch.parentDisparity.log()));
  const keep = away.mul(batch.keep).mean<tf.Scalar>();
  const loss = tf.addN<tf.Scalar>([
    depth,
    segmentation.mul<tf.Scalar>(weights.segmentation),
    photometric.mul<tf.Scalar>(weights.photometric),
    smoothness.mul<tf.Scalar>(weights.photometric * weights.smoothness),
    keep.mul<tf.Scalar>(weights.keep),
    labels.mul<tf.Scalar>(weights.labels),
  ]);
  const metrics = {
    depth,
    segmentation,
    photometric,
    smoothness,
    keep,
    labels,
    explained: explained.mean<tf.Scalar>(),
  };
  return { loss, metrics };
}

function part(x: tf.Tensor4D, begin: number, count: number): tf.Tensor4D {
  const [, height, width, channels] = x.shape;
  return tf.slice4d(x, [begin, 0, 0, 0], [count, height, width, channels]);
}
