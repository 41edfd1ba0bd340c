import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { assertShape } from './assert-shape.js';
import { upsampleNearest } from './upsample-nearest.js';

export interface SuperpixelOptions {
  /** Height and width of the cells that superpixels start from, pixels: S of the source. */
  readonly cell: number;
  /** Weight of a distance of S pixels against one of colour: m of the source, 1 to 40. */
  readonly compactness: number;
  readonly iterations: number;
}

/** An image's superpixels, one for each cell of a grid. */
export interface Superpixels {
  readonly cell: number;
  /** Rows of the grid; superpixel `row * columns + column` started from that cell. */
  readonly rows: number;
  readonly columns: number;
  /** [B, H, W, 9]: 1 for the superpixel of the 3x3 cells around the pixel's own that it belongs to, else 0. */
  readonly membership: tf.Tensor4D;
  /** [B, rows, columns, 2]: column and row of each one's middle, pixels. */
  readonly centres: tf.Tensor4D;
}

/** Row and column of the nine cells around one, itself in the middle. */
const AROUND = [-1, 0, 1].flatMap((row) => [-1, 0, 1].map((column) => [row, column] as const));
const OWN = 4;
/** Further than any distance of features. */
const OUTSIDE = 1e9;

/**
 * SLIC: k-means of colour (CIELAB) and place, D^2 = d_lab^2 + (m / S)^2 d_xy^2. Every superpixel looks at the pixels around
 * the cell that it started from. Written in tensor operations, so that a training step and an exported graph find the very
 * same superpixels; no gradient flows through them.
 *
 * Different from the source: clusters start from the means of cells instead of single pixels. A pixel chooses among the nine
 * cells around it, not among centres less than S away. Pieces that are not connected stay with their cluster.
 * @param image [B, H, W, 3], RGB in 0..1; H and W multiples of `cell`.
 * @throws TrainingError when they are not.
 * Source: Achanta et al. 2012, eq. 3 and algorithm 1; the fixed neighbourhood as in Jampani et al. 2018.
 */
export function superpixels(image: tf.Tensor4D, options: SuperpixelOptions): Superpixels {
  const { cell, compactness, iterations } = options;
  const { H: height, W: width } = assertShape(image, ['B', 'H', 'W', 3], 'image');
  if (height % cell !== 0 || width % cell !== 0) {
    throw new TrainingError(
      `image: expected rows and columns in multiples of the cell \`${cell}\`, got ${height}x${width}`,
    );
  }
  const [rows, columns] = [height / cell, width / cell];
  const weight = compactness / cell;
  const features = featuresOf(image, weight);
  const inside = tf.ones<tf.Rank.R4>([1, rows, columns, 1]);
  let centres = tf.avgPool(features, cell, cell, 'valid');
  let membership = own(image.shape[0], height, width);
  for (let i = 0; i < iterations; i++) {
    const distances = AROUND.map(([dy, dx]) => {
      const candidate = upsampleNearest(shifted(centres, dy, dx), cell);
      const absent = upsampleNearest(tf.sub<tf.Tensor4D>(1, shifted(inside, dy, dx)), cell);
      return features.sub(candidate).square().sum<tf.Tensor4D>(3, true).add<tf.Tensor4D>(absent.mul(OUTSIDE));
    });
    const nearest = tf.argMin(tf.concat(distances, 3), 3);
    membership = tf.oneHot(nearest.cast('int32'), AROUND.length).toFloat() as tf.Tensor4D; // one axis more than [B, H, W]
    const found = { cell, membership };
    const counts = overSuperpixels(tf.ones([image.shape[0], height, width, 1]), found);
    const means = overSuperpixels(features, found).div<tf.Tensor4D>(tf.maximum(counts, 1));
    // What has lost all its pixels stays where it was.
    const kept = tf.minimum(counts, 1);
    centres = means.mul<tf.Tensor4D>(kept).add(centres.mul(tf.sub(1, kept)));
  }
  const places = centres.slice([0, 0, 0, 3], [-1, -1, -1, 2]).div<tf.Tensor4D>(weight);
  return { cell, rows, columns, membership, centres: places };
}

type Members = Pick<Superpixels, 'cell' | 'membership'>;

/** Sums over the pixels of every superpixel: [B, H, W, C] -> [B, rows, columns, C]. */
export function overSuperpixels(values: tf.Tensor4D, { cell, membership }: Members): tf.Tensor4D {
  const parts = AROUND.map(([dy, dx], k) => {
    const mine = values.mul<tf.Tensor4D>(member(membership, k));
    const sums = tf.avgPool(mine, cell, cell, 'valid').mul<tf.Tensor4D>(cell * cell);
    return shifted(sums, -dy, -dx);
  });
  return tf.addN(parts);
}

/** Every pixel gets what its superpixel has: [B, rows, columns, C] -> [B, H, W, C]. */
export function toPixels(values: tf.Tensor4D, { cell, membership }: Members): tf.Tensor4D {
  const parts = AROUND.map(([dy, dx], k) =>
    upsampleNearest(shifted(values, dy, dx), cell).mul<tf.Tensor4D>(member(membership, k)),
  );
  return tf.addN(parts);
}

/**
 * Which superpixels touch: [B, N, N], 1 where a pixel of one lies right beside or below a pixel of the other, else 0. It is 0
 * on the diagonal.
 */
export function touching(found: Superpixels): tf.Tensor3D {
  const { rows, columns, membership } = found;
  const [batch, height, width] = membership.shape;
  const count = rows * columns;
  const numbers = tf.range(0, count).reshape<tf.Tensor4D>([1, rows, columns, 1]);
  const ids = toPixels(numbers, found);
  const first = tf.range(0, batch).mul<tf.Tensor4D>(count).reshape<tf.Tensor4D>([batch, 1, 1, 1]);
  const pairs = [
    [0, 1],
    [1, 0],
  ].map(([dy = 0, dx = 0]) => {
    const extent: [number, number, number, number] = [batch, height - dy, width - dx, 1];
    const a = ids.slice([0, 0, 0, 0], extent);
    const b = ids.slice([0, dy, dx, 0], extent);
    return a.add<tf.Tensor4D>(first).mul<tf.Tensor4D>(count).add<tf.Tensor4D>(b).reshape<tf.Tensor1D>([-1]);
  });
  const places = tf.concat(pairs, 0);
  const seen = tf.scatterND(
    places.add<tf.Tensor1D>(0.5).floor().cast('int32').reshape([-1, 1]),
    tf.onesLike(places),
    [batch * count * count],
  );
  const oneWay = seen.reshape<tf.Tensor3D>([batch, count, count]);
  const both = tf.minimum(oneWay.add<tf.Tensor3D>(oneWay.transpose([0, 2, 1])), 1);
  return both.mul<tf.Tensor3D>(tf.sub(1, tf.eye(count)));
}

/** y[i, j] = x[i + dy, j + dx], 0 outside. */
function shifted(x: tf.Tensor4D, dy: number, dx: number): tf.Tensor4D {
  const padded = tf.pad4d(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
  return padded.slice([0, 1 + dy, 1 + dx, 0], x.shape);
}

function member(membership: tf.Tensor4D, k: number): tf.Tensor4D {
  return membership.slice([0, 0, 0, k], [-1, -1, -1, 1]);
}

/** Every pixel belongs to its own cell. */
function own(batch: number, height: number, width: number): tf.Tensor4D {
  const one = tf.oneHot(tf.scalar(OWN, 'int32'), AROUND.length).toFloat().reshape<tf.Tensor4D>([1, 1, 1, -1]);
  return tf.ones<tf.Rank.R4>([batch, height, width, 1]).mul(one);
}

/** [B, H, W, 5]: CIELAB, and column and row times `weight`. */
function featuresOf(image: tf.Tensor4D, weight: number): tf.Tensor4D {
  const [batch, height, width] = image.shape;
  const place = (count: number, shape: [number, number, number, number]) =>
    tf
      .range(0, count)
      .mul<tf.Tensor>(weight)
      .reshape<tf.Tensor4D>(shape)
      .add<tf.Tensor4D>(tf.zeros([batch, height, width, 1]));
  return tf.concat([lab(image), place(width, [1, 1, width, 1]), place(height, [1, height, 1, 1])], 3);
}

/** Linear sRGB to XYZ over the white of D65; columns are X, Y, Z. Source: IEC 61966-2-1. */
const XYZ = [
  [0.4124564 / 0.95047, 0.2126729, 0.0193339 / 1.08883],
  [0.3575761 / 0.95047, 0.7151522, 0.119192 / 1.08883],
  [0.1804375 / 0.95047, 0.072175, 0.9503041 / 1.08883],
];
/** f(X), f(Y), f(Z) to L + 16, a, b. */
const LAB = [
  [0, 500, 0],
  [116, -500, 200],
  [0, 0, -200],
];
const EPSILON = 216 / 24389;
const KAPPA = 24389 / 27;

/** CIELAB of sRGB in 0..1. */
function lab(image: tf.Tensor4D): tf.Tensor4D {
  const c = tf.clipByValue(image, 0, 1);
  const linear = tf.where(
    c.lessEqual(0.04045),
    c.div(12.92),
    tf.pow(c.add(0.055).div(1.055), tf.scalar(2.4)),
  );
  const xyz = tf.matMul(linear.reshape<tf.Tensor2D>([-1, 3]), tf.tensor2d(XYZ));
  const f = tf.where(
    xyz.greater(EPSILON),
    tf.pow(tf.maximum(xyz, EPSILON), tf.scalar(1 / 3)),
    xyz.mul(KAPPA).add(16).div(116),
  );
  const values = tf.matMul(f as tf.Tensor2D, tf.tensor2d(LAB)); // as `xyz`
  return values.sub(tf.tensor2d([[16, 0, 0]])).reshape<tf.Tensor4D>(image.shape);
}
