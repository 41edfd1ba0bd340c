import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { assertShape } from '../ops/assert-shape.js';
import { photometricError } from './photometric-error.js';

export interface MinimumReprojection {
  /** [B, H, W, 1]: the least photometric error of all candidates. */
  readonly error: tf.Tensor4D;
  /** The auto-mask [B, H, W, 1]: 1 where a warped source explains the pixel better than every unwarped one, else 0. */
  readonly explained: tf.Tensor4D;
}

/**
 * Per-pixel minimum of the photometric errors of several candidates for the target image. The warped sources leave out what
 * is hidden in one of them. The unwarped ones (auto-masking) leave out what moves with the camera or stands still with it.
 * Where an unwarped source wins, or ties, no gradient flows; its error still counts.
 *
 * @param target, warped, unwarped images [B, H, W, C], values 0..1, without colour augmentation.
 * @param unwarped empty switches auto-masking off.
 * Source: SGDepth, eq. 3 and section 3.3 (after Godard et al. 2019, who break ties by noise instead).
 */
export function minimumReprojection(
  target: tf.Tensor4D,
  warped: readonly tf.Tensor4D[],
  unwarped: readonly tf.Tensor4D[],
): MinimumReprojection {
  const sizes = assertShape(target, ['B', 'H', 'W', 'C'], 'target');
  for (const image of warped) assertShape(image, ['B', 'H', 'W', 'C'], 'warped', sizes);
  for (const image of unwarped) assertShape(image, ['B', 'H', 'W', 'C'], 'unwarped', sizes);
  const least = (images: readonly tf.Tensor4D[]): tf.Tensor4D | undefined =>
    images
      .map((image) => photometricError(target, image))
      .reduce<tf.Tensor4D | undefined>((a, b) => (a === undefined ? b : tf.minimum(a, b)), undefined);
  const reprojected = least(warped);
  if (reprojected === undefined) throw new TrainingError('warped: expected at least `1` image, got 0');
  const still = least(unwarped);
  if (still === undefined) return { error: reprojected, explained: tf.onesLike(reprojected) };
  // The gradient of `minimum` goes to the first of two equal operands.
  return { error: tf.minimum(still, reprojected), explained: reprojected.less(still).cast('float32') };
}
