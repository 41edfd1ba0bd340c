import * as tf from '@tensorflow/tfjs';

/** `UnsortedSegmentSum`: rows of `x` added up by their ids, [count, ...]; rows with negative ids are left out. */
export function segmentSum(x: tf.Tensor, ids: tf.Tensor, count: number): tf.Tensor {
  const rest = x.shape.slice(ids.rank);
  const rows = x.reshape([ids.size, -1]);
  // Negative ids go to one row more, which is cut off.
  const target = tf.where(ids.less(0), tf.fill(ids.shape, count, 'int32'), ids).reshape<tf.Tensor2D>([-1, 1]);
  const columns = rows.shape[1] ?? 1;
  const sums = tf.scatterND(target, rows, [count + 1, columns]);
  return sums.slice([0, 0], [count, columns]).reshape([count, ...rest]);
}
