import * as tf from '@tensorflow/tfjs';
import { CITYSCAPES_CLASSES } from '../../models/class-table.js';
import { TrainingError } from '../errors.js';
import { assertShape } from '../ops/assert-shape.js';

/** trainIds of S_DC, the dynamic classes: humans and vehicles. Source: SGDepth, section 4 and supplement A.2. */
export const DYNAMIC_CLASSES: readonly number[] = CITYSCAPES_CLASSES.flatMap(({ dynamic }, id) =>
  dynamic ? [id] : [],
);

/**
 * Which pixels belong to a dynamic class.
 * @param labels trainIds [B, H, W], int32; any other number belongs to no class.
 * @returns [B, H, W, 1] float32: 1 on dynamic classes, else 0. Has no gradient.
 */
export function dynamicPixels(
  labels: tf.Tensor3D,
  classes: readonly number[] = DYNAMIC_CLASSES,
): tf.Tensor4D {
  assertShape(labels, ['B', 'H', 'W'], 'labels');
  const runs = runsOf(classes).map(([first, last]) =>
    labels.greaterEqual(tf.scalar(first, 'int32')).logicalAnd(labels.lessEqual(tf.scalar(last, 'int32'))),
  );
  const any = runs.reduce<tf.Tensor | undefined>((a, b) => (a === undefined ? b : a.logicalOr(b)), undefined);
  return (any ?? tf.zerosLike(labels)).cast('float32').expandDims<tf.Tensor4D>(3);
}

/** Runs of consecutive numbers, first and last. */
function runsOf(classes: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const id of [...classes].sort((a, b) => a - b)) {
    const run = runs[runs.length - 1];
    if (run !== undefined && id <= run[1] + 1) run[1] = id;
    else runs.push([id, id]);
  }
  return runs;
}

/**
 * mu_t: 0 where a pixel belongs to a dynamic class in the target or in any warped source, else 1.
 * @param target, warped dynamic pixels [B, H, W, 1], 0 or 1.
 * @returns [B, H, W, 1].
 * Source: SGDepth, eq. 8.
 */
export function dynamicObjectMask(target: tf.Tensor4D, warped: readonly tf.Tensor4D[]): tf.Tensor4D {
  const sizes = assertShape(target, ['B', 'H', 'W', 1], 'target');
  return warped.reduce<tf.Tensor4D>(
    (mask, source) => {
      assertShape(source, ['B', 'H', 'W', 1], 'warped', sizes);
      return mask.mul(tf.sub(1, source));
    },
    tf.sub(1, target),
  );
}

/**
 * Lambda_t: how well the dynamic classes of the warped sources cover those of the target. 1 = perfectly, nothing moves.
 *
 * @param target, warped dynamic pixels [B, H, W, 1], 0 or 1.
 * @param overSources `mean` of the intersection over union with each source (paper), or `joint`. The sum of the intersections
 *   over the sum of the unions (the authors' code), so that larger masks weigh more.
 * @returns [B], 0..1; 1 where no pixel of either mask is dynamic, since then nothing moves.
 * Source: SGDepth, eq. 10.
 */
export function dynamicOverlap(
  target: tf.Tensor4D,
  warped: readonly tf.Tensor4D[],
  overSources: 'mean' | 'joint' = 'mean',
): tf.Tensor1D {
  const sizes = assertShape(target, ['B', 'H', 'W', 1], 'target');
  if (warped.length === 0) throw new TrainingError('warped: expected at least `1` mask, got 0');
  const count = (mask: tf.Tensor): tf.Tensor1D => mask.sum<tf.Tensor1D>([1, 2, 3]);
  const pairs = warped.map((source) => {
    assertShape(source, ['B', 'H', 'W', 1], 'warped', sizes);
    const both = target.mul(source);
    const intersection = count(both);
    return { intersection, union: count(target.add(source).sub(both)) };
  });
  if (overSources === 'joint') {
    return ratio(
      tf.addN(pairs.map(({ intersection }) => intersection)),
      tf.addN(pairs.map(({ union }) => union)),
    );
  }
  return tf.addN(pairs.map(({ intersection, union }) => ratio(intersection, union))).div(pairs.length);
}

/** Ratio of counts: intersection / union, 1 if both are 0. */
function ratio(intersection: tf.Tensor1D, union: tf.Tensor1D): tf.Tensor1D {
  const empty = tf.relu(tf.sub<tf.Tensor1D>(1, union));
  return intersection.add(empty).div(union.add(empty));
}
