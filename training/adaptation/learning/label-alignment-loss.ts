import * as tf from '@tensorflow/tfjs';
import { LABELLED_FIELDS } from '../../datasets/batches/batch.js';
import { type BatchSchema, counted, type TensorsOf } from '../../datasets/batches/batch-schema.js';
import { binaryCrossEntropy } from '../../losses/binary-cross-entropy.js';
import { keptLabelsLoss } from '../../losses/kept-labels-loss.js';
import { weightedCrossEntropy } from '../../losses/weighted-cross-entropy.js';
import { domainMaps } from '../../methods/dada/dada-loss.js';
import { domainDiscriminator } from '../../networks/domain-discriminator.js';
import type { Scope } from '../../networks/scope.js';
import {
  depthHead,
  disparityFromLogits,
  encode,
  type SgdepthNetworkOptions,
  segmentationHead,
} from '../../networks/sgdepth-network.js';
import { stopGradient } from '../../ops/stop-gradient.js';
import type { MethodLoss } from '../../runs/method.js';

/** DADA's losses for a trained, metric network whose classes are to fit a drive and whose depth stays. */
export interface LabelAlignmentOptions {
  readonly network: SgdepthNetworkOptions;
  readonly minMeters: number;
  readonly maxMeters: number;
  readonly classWeights: readonly number[];
  readonly weights: {
    /** Weight of the source's cross-entropy (eq. 1). */
    readonly segmentation: number;
    /** Weight of the loss that draws the drive's labels to what the parent says of several views of a picture. */
    readonly views: number;
    /** lambda_adv of eq. 7. */
    readonly adversarial: number;
  };
}

/** Filters of the discriminator's first convolution: a quarter of the paper's, as in the compact preset. */
const FILTERS = 16;
/** What inverse depth in 1/m is multiplied by: 1 at ten metres, as in the compact preset. */
const DEPTH_SCALE = 10;
/** Labels of the discriminator. Source: DADA, eq. 6. */
const SOURCE = 1;
const TARGET = 0;

const MAP = { dtype: 'float32', range: [-1e9, 1e9] } as const;

/** B labelled samples of the source, T pictures of the drive; H and W multiples of 32, C classes. */
export const LABEL_ALIGNMENT_BATCH = {
  image: LABELLED_FIELDS.image,
  labels: LABELLED_FIELDS.labels,
  targetImage: counted(LABELLED_FIELDS.image, 'T'),
  /** What the parent says of several views of the pictures, without its class adjustment. The trainer asks the parent. */
  viewedLogits: {
    shape: ['T', 'h', 'w', 'C'],
    dtype: 'float32',
    layout: 'NCHW',
    range: [-1e6, 1e6],
  },
} as const satisfies BatchSchema;

/** What the discriminator sees of a step's outputs: surprisal times inverse depth. */
export const LABEL_MAPS = {
  sourceMap: { ...MAP, shape: ['B', 'h', 'w', 'C'] },
  targetMap: { ...MAP, shape: ['T', 'h', 'w', 'C'] },
} as const satisfies BatchSchema;

/** Asks for the discriminator's parameters: for a map of 32 x 32, whatever the size of the pictures. */
export function declareLabelDiscriminator(scope: Scope, { classes }: SgdepthNetworkOptions): void {
  domainLogits(scope, tf.zeros([1, 32, 32, classes]));
}

function domainLogits(scope: Scope, map: tf.Tensor4D): tf.Tensor4D {
  return domainDiscriminator(scope.child('discriminator'), map, { filters: FILTERS });
}

/**
 * The update of the labels' head. The depth that is privileged is the network's own, which weights the surprisal and learns
 * nothing. Beside DADA: the network is the parent's, with its own loss on the source. Labels of the drive are drawn to what
 * the parent says of several views of a picture, which says more of it than the picture alone: DADA has no word for right or
 * wrong there.
 * @returns also, for {@link labelDiscriminatorLoss}, the maps of both domains as they were before the update.
 * Source: DADA, eq. 1, 4, 5 and 7.
 */
export function labelAlignmentLoss(
  scope: Scope,
  batch: TensorsOf<typeof LABEL_ALIGNMENT_BATCH>,
  { network, minMeters, maxMeters, classWeights, weights }: LabelAlignmentOptions,
): MethodLoss {
  const { image, targetImage } = batch;
  const [count, targets] = [image.shape[0], targetImage.shape[0]];
  const features = encode(scope, tf.concat([image, targetImage], 0), network);
  const logits = segmentationHead(scope, features, network);
  const [depthLogits] = depthHead(scope, features, network);
  const disparity = disparityFromLogits(depthLogits, minMeters, maxMeters);
  const segmentation = weightedCrossEntropy(part(logits, 0, count), batch.labels, classWeights);
  const near = stopGradient(disparity.mul<tf.Tensor4D>(DEPTH_SCALE));
  const mapOf = (begin: number, length: number): tf.Tensor4D => {
    const { map } = domainMaps(
      { logits: part(logits, begin, length), depth: part(near, begin, length) },
      'fused',
    );
    return map as tf.Tensor4D; // what `fused` gives
  };
  const [sourceMap, targetMap] = [mapOf(0, count), mapOf(count, targets)];
  const adversarial = binaryCrossEntropy(domainLogits(scope, targetMap), SOURCE);
  const views = keptLabelsLoss(part(logits, count, targets), batch.viewedLogits);
  const loss = tf.addN<tf.Scalar>([
    segmentation.mul<tf.Scalar>(weights.segmentation),
    views.mul<tf.Scalar>(weights.views),
    adversarial.mul<tf.Scalar>(weights.adversarial),
  ]);
  return {
    loss,
    metrics: { segmentation, views, adversarial, surprisal: targetMap.mean<tf.Scalar>() },
    host: { sourceMap, targetMap },
  };
}

/** The discriminator's update on the maps of the same step. Source: DADA, eq. 6. */
export function labelDiscriminatorLoss(
  scope: Scope,
  { sourceMap, targetMap }: TensorsOf<typeof LABEL_MAPS>,
): MethodLoss {
  const discriminatorSource = binaryCrossEntropy(domainLogits(scope, sourceMap), SOURCE);
  const discriminatorTarget = binaryCrossEntropy(domainLogits(scope, targetMap), TARGET);
  return {
    loss: discriminatorSource.add(discriminatorTarget),
    metrics: { discriminatorSource, discriminatorTarget },
  };
}

function part(x: tf.Tensor4D, begin: number, count: number): tf.Tensor4D {
  const [, height, width, channels] = x.shape;
  return tf.slice4d(x, [begin, 0, 0, 0], [count, height, width, channels]);
}
