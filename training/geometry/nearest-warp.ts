import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import { customGradient } from '../ops/custom-gradient.js';

/**
 * Samples a map of labels (or of flags) at given pixels: the value of the closest pixel. Has no gradient.
 *
 * @param labels [B, H, W, C], any type.
 * @param coordinates [B, h, w, 2]: u (column), v (row) in pixels of `labels`, pixel centres at integers.
 * @param outside the value of what lies outside the image, that is more than half a pixel from every pixel centre.
 * @returns [B, h, w, C] of the same type.
 * Source: SGDepth, eq. 7.
 */
export function nearestWarp(labels: tf.Tensor4D, coordinates: tf.Tensor4D, outside: number): tf.Tensor4D {
  const sizes = assertShape(labels, ['B', 'H', 'W', 'C'], 'labels');
  assertShape(coordinates, ['B', 'h', 'w', 2], 'coordinates', sizes);
  // TensorFlow.js has no gradients of comparisons, not even zero: none of them may be on the tape.
  return customGradient<[tf.Tensor4D], tf.Tensor4D>([coordinates], (_, given) => ({
    value: sample(labels, given, outside),
    gradient: () => tf.zeros([...coordinates.shape]),
  }));
}

function sample(labels: tf.Tensor4D, coordinates: tf.Tensor4D, outside: number): tf.Tensor4D {
  const [batch, height, width, channels] = labels.shape;
  const [, rows, columns] = coordinates.shape;
  const along = (axis: number, size: number) => {
    const position = tf.slice4d(coordinates, [0, 0, 0, axis], [batch, rows, columns, 1]);
    const nearest = tf.floor(position.add<tf.Tensor4D>(0.5));
    return {
      inside: nearest.greaterEqual(0).logicalAnd<tf.Tensor4D>(nearest.lessEqual(size - 1)),
      // Clamped twice: as floats, since huge numbers have no integer, and as integers because of NaN.
      index: tf.clipByValue(tf.clipByValue(nearest, 0, size - 1).cast<tf.Tensor4D>('int32'), 0, size - 1),
    };
  };
  const column = along(0, width);
  const row = along(1, height);
  const first = tf
    .range(0, batch, 1, 'int32')
    .mul(tf.scalar(height * width, 'int32'))
    .reshape([batch, 1, 1, 1]);
  const index = first
    .add(row.index.mul(tf.scalar(width, 'int32')))
    .add(column.index)
    .reshape<tf.Tensor1D>([batch * rows * columns]);
  const values = tf
    .gather(labels.reshape<tf.Tensor2D>([batch * height * width, channels]), index)
    .reshape<tf.Tensor4D>([batch, rows, columns, channels]);
  const inside = column.inside.logicalAnd(row.inside).tile<tf.Tensor4D>([1, 1, 1, channels]);
  return tf.where(inside, values, tf.fill(values.shape, outside, labels.dtype));
}
