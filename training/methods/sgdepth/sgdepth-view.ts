import type * as tf from '@tensorflow/tfjs';
import { backProject } from '../../geometry/back-project.js';
import { bilinearWarp } from '../../geometry/bilinear-warp.js';
import { project } from '../../geometry/project.js';
import { transformPoints } from '../../geometry/transform-points.js';
import { upsampleBilinear } from '../../geometry/upsample-bilinear.js';
import { type MinimumReprojection, minimumReprojection } from '../../losses/minimum-reprojection.js';

/** A frame beside the target frame, and how the camera moved between them. */
export interface SourceView {
  /** [B, H, W, 3], values 0..1. */
  readonly picture: tf.Tensor4D;
  /** [B, 4, 4]. */
  readonly sourceFromTarget: tf.Tensor3D;
}

/**
 * Where the target's pixels lie in each source: [B, H, W, 2], in pixels.
 * @param disparity [B, H / f, W / f, 1] with a whole f, 1 / the poses' unit; upsampled bilinearly.
 * @param pictureShape B, H, W, ...
 * Source: SGDepth, eq. 1.
 */
export function sourceCoordinates(
  disparity: tf.Tensor4D,
  intrinsics: tf.Tensor2D,
  views: readonly SourceView[],
  pictureShape: readonly [number, number, number, ...number[]],
): tf.Tensor4D[] {
  const depth = upsampleBilinear(disparity, pictureShape[1] / disparity.shape[1]).reciprocal();
  const points = backProject(depth, intrinsics);
  return views.map(({ sourceFromTarget }) => project(transformPoints(points, sourceFromTarget), intrinsics));
}

/**
 * How well the sources, warped, explain the target picture.
 * @param coordinates of the target's pixels in each source, from `sourceCoordinates`.
 * Source: SGDepth, eq. 2 and 3.
 */
export function explain(
  picture: tf.Tensor4D,
  views: readonly SourceView[],
  coordinates: readonly tf.Tensor4D[],
  autoMask: boolean,
): MinimumReprojection {
  const warped = views.map(
    (view, source) => bilinearWarp(view.picture, coordinates[source], false), // one for each view
  );
  return minimumReprojection(picture, warped, autoMask ? views.map((view) => view.picture) : []);
}
