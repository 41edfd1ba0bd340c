import * as tf from '@tensorflow/tfjs';
import { bilinearWarp } from '../../geometry/bilinear-warp.js';
import { upsampleBilinear } from '../../geometry/upsample-bilinear.js';
import type { Scope } from '../../networks/scope.js';
import { depthHead, disparityFromLogits, encode, segmentationHead } from '../../networks/sgdepth-network.js';
import { upsampleNearest } from '../../ops/upsample-nearest.js';
import type { Inspection } from '../../runs/method.js';
import {
  dynamicMasks,
  type SGDEPTH_BATCH,
  type SgdepthBatch,
  type SgdepthOptions,
  sourceViews,
} from './sgdepth-loss.js';
import { SGDEPTH_FIGURES, SgdepthMeasure } from './sgdepth-measure.js';
import { sgdepthTiles } from './sgdepth-tiles.js';
import { explain, sourceCoordinates } from './sgdepth-view.js';

/**
 * Labels as the network gives them: the class of the largest logit, at the images' resolution.
 * @param scope in evaluation mode.
 * @returns [B, H, W] float32: labels of coarser logits are repeated, which is exact in floats alone.
 */
export function predictLabels(
  scope: Scope,
  image: tf.Tensor4D,
  { network }: Pick<SgdepthOptions, 'network'>,
): tf.Tensor3D {
  const logits = segmentationHead(scope, encode(scope, image, network), network);
  const labels = tf.argMax(logits, 3).cast('float32').expandDims<tf.Tensor4D>(3);
  const factor = 2 ** network.outputScale;
  return (factor === 1 ? labels : upsampleNearest(labels, factor)).squeeze<tf.Tensor3D>([3]);
}

/** How SGDepth's networks are measured and shown on held-out triplets. */
export function sgdepthInspection(options: SgdepthOptions): Inspection<typeof SGDEPTH_BATCH> {
  return {
    ...{ role: 'target', untrained: true, shown: 6, metrics: SGDEPTH_FIGURES },
    outputs: (scope, batch) => ({ ...inspect(scope, batch, options) }),
    measure: () => new SgdepthMeasure(),
    tiles: sgdepthTiles,
  };
}

/** What a trained network makes of triplets: for validation and pictures. */
export interface SgdepthInspection {
  /** [B, H, W, 1], 1 / the poses' unit. */
  readonly disparity: tf.Tensor4D;
  /** [B, H, W, 3]: the previous frame warped into the target. */
  readonly warped: tf.Tensor4D;
  /** [B, H, W, 1]: least photometric error of the warped and, for auto-masking, the unwarped frames. */
  readonly error: tf.Tensor4D;
  /** [B, H, W, 1]: the auto-mask, 1 where a warped frame explains the pixel best. */
  readonly explained: tf.Tensor4D;
  /** With a segmentation: labels of the target [B, H, W] float32, mu_t [B, H, W, 1] and Lambda_t [B]. */
  readonly labels?: tf.Tensor3D;
  readonly mask?: tf.Tensor4D;
  readonly overlaps?: tf.Tensor1D;
}

/** @param scope in evaluation mode. @param batch its labels are not read: they are predicted. */
export function inspect(scope: Scope, batch: SgdepthBatch, options: SgdepthOptions): SgdepthInspection {
  const features = encode(scope, batch.image, options.network);
  const [logits] = depthHead(scope, features, options.network);
  if (logits === undefined) throw new RangeError('the depth head has no output');
  const coarse = disparityFromLogits(logits, options.minMeters, options.maxMeters);
  const disparity = upsampleBilinear(coarse, batch.image.shape[1] / coarse.shape[1]);
  const views = sourceViews(scope, batch, options.pose);
  const coordinates = sourceCoordinates(disparity, batch.intrinsics, views, batch.picture.shape);
  const { error, explained } = explain(batch.picture, views, coordinates, options.autoMask);
  const warped = bilinearWarp(batch.previousPicture, coordinates[0]); // of two
  const result = { disparity, warped, error, explained };
  if (options.classWeights === undefined) return result;
  const labelsOf = (image: tf.Tensor4D) => predictLabels(scope, image, options);
  const [labels, previous, next] = [batch.image, batch.previousImage, batch.nextImage].map(labelsOf);
  const masks = dynamicMasks(
    coordinates,
    {
      ...batch,
      labels: labels.cast('int32'),
      previousLabels: previous.cast('int32'),
      nextLabels: next.cast('int32'),
    },
    options.overlap,
  );
  return { ...result, labels, ...masks };
}
