import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { customGradient } from './custom-gradient.js';

/**
 * Pads height and width by reflection without repeating the border, as PyTorch's ReflectionPad2d: [B, H, W, C] -> [B, H + 2
 * padding, W + 2 padding, C]. Padding < min(H, W).
 *
 * The gradient adds what falls on the mirrored borders to the pixels they mirror. It is written out here because
 * TensorFlow.js 4.22's gradient of `mirrorPad` drops the borders.
 */
export function reflectionPad(x: tf.Tensor4D, padding: number): tf.Tensor4D {
  const [, height, width] = x.shape;
  if (!Number.isInteger(padding) || padding < 0 || padding >= Math.min(height, width)) {
    throw new TrainingError(
      `reflectionPad: expected a whole padding in \`0..${Math.min(height, width) - 1}\` for ${height}x${width}, got ${padding}`,
    );
  }
  if (padding === 0) return x;
  return customGradient<[tf.Tensor4D], tf.Tensor4D>([x], (_, input) => ({
    value: tf.mirrorPad(
      input,
      [
        [0, 0],
        [padding, padding],
        [padding, padding],
        [0, 0],
      ],
      'reflect',
    ),
    gradient: (dy) => fold(fold(dy, 1, padding), 2, padding),
  }));
}

/** The gradient of reflection along one axis: both borders of `dy`, reversed, are added inside. */
function fold(dy: tf.Tensor4D, axis: 1 | 2, padding: number): tf.Tensor4D {
  const size = dy.shape[axis] - 2 * padding;
  const part = (begin: number, length: number): tf.Tensor4D => {
    const from: [number, number, number, number] = [0, 0, 0, 0];
    const extent: [number, number, number, number] = [...dy.shape];
    from[axis] = begin;
    extent[axis] = length;
    return tf.slice4d(dy, from, extent);
  };
  const first = tf.reverse(part(0, padding), axis);
  const last = tf.reverse(part(padding + size, padding), axis);
  if (size >= 2 * padding + 2) {
    return tf.concat(
      [
        part(padding, 1),
        part(padding + 1, padding).add<tf.Tensor4D>(first),
        part(2 * padding + 1, size - 2 * padding - 2),
        part(size - 1, padding).add<tf.Tensor4D>(last),
        part(padding + size - 1, 1),
      ].filter((piece) => piece.size > 0),
      axis,
    );
  }
  const at = (piece: tf.Tensor4D, begin: number): tf.Tensor4D => {
    const paddings: [number, number][] = [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
    ];
    paddings[axis] = [begin, size - begin - padding];
    return tf.pad(piece, paddings);
  };
  return part(padding, size)
    .add(at(first, 1))
    .add(at(last, size - 1 - padding));
}
