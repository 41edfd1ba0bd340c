import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { assertShape } from '../ops/assert-shape.js';
import { customGradient } from '../ops/custom-gradient.js';

/**
 * Samples an image at given pixels, bilinearly; beyond the border it continues with the border's colours.
 *
 * Gradients flow to the coordinates (none beyond the border) and to the image. The same as PyTorch's
 * `grid_sample(align_corners=False, padding_mode='border')` for coordinates in pixels with centres at integers.
 *
 * @param image [B, H, W, C], H and W at least 2.
 * @param coordinates [B, h, w, 2]: u (column), v (row) in pixels of `image`.
 * @param imageGradient false leaves out the gradient to the image. It is for images that nothing produces, since eager
 *   TensorFlow.js would compute it whether it is read or not.
 * @returns [B, h, w, C].
 * Source: SGDepth, eq. 2 (after Jaderberg et al. 2015).
 */
export function bilinearWarp(
  image: tf.Tensor4D,
  coordinates: tf.Tensor4D,
  imageGradient = true,
): tf.Tensor4D {
  const sizes = assertShape(image, ['B', 'H', 'W', 'C'], 'image');
  assertShape(coordinates, ['B', 'h', 'w', 2], 'coordinates', sizes);
  const [batch, height, width, channels] = image.shape;
  if (height < 2 || width < 2) {
    throw new TrainingError(`bilinearWarp: expected an image of \`2x2\` or more, got ${width}x${height}`);
  }
  // With its own gradient: TensorFlow.js has none for what decides which pixels are read.
  const inputs = imageGradient ? [coordinates, image] : [coordinates];
  return customGradient<tf.Tensor4D[], tf.Tensor4D, tf.Tensor[]>(inputs, (save, at, pixels = image) => {
    const { value, byColumn, byRow, weights, index } = sample(pixels, at);
    save(...(imageGradient ? [byColumn, byRow, index, ...weights] : [byColumn, byRow]));
    return {
      value,
      gradient: (dy, ofColumn, ofRow, where, ...shares) => {
        const toCoordinates = tf.concat([dy.mul(ofColumn).sum(3, true), dy.mul(ofRow).sum(3, true)], 3);
        if (!imageGradient) return toCoordinates;
        const parts = shares.map((share, corner) =>
          tf.unsortedSegmentSum(
            dy.mul(share).reshape([-1, channels]),
            where.add<tf.Tensor1D>(tf.scalar(cornerOffset(corner, width), 'int32')),
            batch * height * width,
          ),
        );
        return [toCoordinates, tf.addN(parts).reshape(image.shape)];
      },
    };
  });
}

/** Offset from the top left of four neighbours to one of its corners (top left, top right, bottom left, bottom right), flattened pixels. */
function cornerOffset(corner: number, width: number): number {
  return (corner & 1) + (corner >> 1) * width;
}

/** The blended value, its derivatives by column and row, the weights of the four corners and the first one's index. */
function sample(image: tf.Tensor4D, coordinates: tf.Tensor4D) {
  const [batch, height, width, channels] = image.shape;
  const [, rows, columns] = coordinates.shape;
  const x = axisSample(coordinates, 0, width);
  const y = axisSample(coordinates, 1, height);
  const first = tf
    .range(0, batch, 1, 'int32')
    .mul(tf.scalar(height * width, 'int32'))
    .reshape([batch, 1, 1, 1]);
  const index = first
    .add(y.low.mul(tf.scalar(width, 'int32')))
    .add(x.low)
    .reshape<tf.Tensor1D>([batch * rows * columns]);
  // All four corners of a pixel lie side by side, so that one lookup finds them; then planes again, since compiled graphs
  // multiply planes by a weight an order of magnitude faster than interleaved colours.
  const pixels = neighbours(image).reshape<tf.Tensor2D>([batch * height * width, 4 * channels]);
  const planes = tf
    .gather(pixels, index)
    .reshape<tf.Tensor3D>([batch, rows * columns, 4 * channels])
    .transpose([0, 2, 1])
    .reshape([batch * 4 * channels, rows * columns]) // joins what lies apart: a compiled graph has to move it here
    .reshape<tf.Tensor4D>([batch, 4 * channels, rows, columns])
    .transpose<tf.Tensor4D>([0, 2, 3, 1]);
  const corner = (number: number): tf.Tensor4D =>
    tf.slice4d(planes, [0, 0, 0, number * channels], [batch, rows, columns, channels]);
  const [a, b, c, d] = [corner(0), corner(1), corner(2), corner(3)] as const;
  const mix = (from: tf.Tensor4D, to: tf.Tensor4D, share: tf.Tensor4D): tf.Tensor4D =>
    from.add(to.sub<tf.Tensor4D>(from).mul(share));
  const top = mix(a, b, x.fraction);
  const bottom = mix(c, d, x.fraction);
  const [left, above] = [tf.sub(1, x.fraction), tf.sub(1, y.fraction)];
  return {
    value: mix(top, bottom, y.fraction),
    byColumn: mix(b.sub(a), d.sub(c), y.fraction).mul<tf.Tensor4D>(x.inside),
    byRow: bottom.sub<tf.Tensor4D>(top).mul<tf.Tensor4D>(y.inside),
    weights: [left.mul(above), x.fraction.mul(above), left.mul(y.fraction), x.fraction.mul(y.fraction)],
    index,
  };
}

/** Each pixel's colours, then those of its neighbours to the right, below, and both: [B, H, W, C] -> [B, H, W, 4 C]. */
function neighbours(image: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = image.shape;
  // What is beyond the border is never read.
  const shifted = (down: number, right: number): tf.Tensor4D =>
    tf.slice4d(image, [0, down, right, 0], [batch, height - down, width - right, channels]).pad([
      [0, 0],
      [0, down],
      [0, right],
      [0, 0],
    ]);
  return tf.concat([image, shifted(0, 1), shifted(1, 0), shifted(1, 1)], 3);
}

/** Samples an axis: the lower neighbour (int32, 0..size - 2), the upper one's share, and whether the position lies inside. */
function axisSample(coordinates: tf.Tensor4D, axis: number, size: number) {
  const [batch, rows, columns] = coordinates.shape;
  const position = tf.slice4d(coordinates, [0, 0, 0, axis], [batch, rows, columns, 1]);
  const clamped = tf.clipByValue(position, 0, size - 1);
  // Clamped as integers, so that even NaN reads a pixel.
  const low = tf.clipByValue(clamped.floor().cast<tf.Tensor4D>('int32'), 0, size - 2);
  return {
    low,
    fraction: clamped.sub<tf.Tensor4D>(low.cast('float32')),
    inside: tf.equal(clamped, position).cast<tf.Tensor4D>('float32'),
  };
}
