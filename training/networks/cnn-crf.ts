import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { type CrfPotentials, crfMap } from '../losses/crf-likelihood.js';
import { assertShape } from '../ops/assert-shape.js';
import {
  overSuperpixels,
  type SuperpixelOptions,
  type Superpixels,
  superpixels,
  toPixels,
  touching,
} from '../ops/superpixels.js';
import { conv2d } from './layers.js';
import type { Scope } from './scope.js';

export interface CnnCrfOptions {
  readonly superpixels: SuperpixelOptions;
  /** Height and width of the patch around each superpixel, a power of 2 times 4, at 1 / patchScale of the image's resolution. */
  readonly patch: number;
  readonly patchScale: number;
  /** Filters of the first convolution, doubled up to four times. */
  readonly filters: number;
}

/** What a CRF says of an image. */
export interface CnnCrf extends CrfPotentials {
  readonly found: Superpixels;
  /** Sum of the squares of the CNN's weights, and of the pairwise weights: |gamma|^2 and |beta|^2 of eq. 10. */
  readonly unarySquares: tf.Scalar;
  readonly pairwiseSquares: tf.Scalar;
}

const SLOPE = 0.2;
const XAVIER = { kind: 'xavierNormal' } as const;
/** Channels of the last layers before the depth, as in Liu et al. 2015, section 3.3. */
const HEAD = [128, 16, 1] as const;
const BINS = 8;
/** How fast similarity falls with the difference: of mean grey in 0..1, and of histograms that sum to 1. */
const FALL = { intensity: 10, histogram: 2 } as const;
/** softplus(-2.25) = 0.1. */
const FIRST_PAIRWISE = -2.25;

/**
 * Unary and pairwise potentials of a CRF over superpixels. A CNN regresses the depth of each from the patch around its
 * middle, its weights shared by all. Neighbours are tied by beta_k S^k with S = exp(-fall |difference|) of mean grey and of
 * grey histograms (8 bins, l2 norm). beta = softplus(raw), so that it is never negative.
 * @param image [B, H, W, 3] in -1..1.
 * Source: adversarial-depth, section 3.2, eq. 7 and 8; Liu et al. 2015, section 3.
 */
export function cnnCrf(scope: Scope, image: tf.Tensor4D, options: CnnCrfOptions): CnnCrf {
  assertShape(image, ['B', 'H', 'W', 3], 'image');
  const rgb = tf.clipByValue(image.mul<tf.Tensor4D>(0.5).add<tf.Tensor4D>(0.5), 0, 1);
  const found = superpixels(rgb, options.superpixels);
  const { rows, columns } = found;
  const count = rows * columns;
  const batch = image.shape[0];
  const { depth, squares } = unary(scope.child('unary'), patches(image, found, options), options);
  const raw = scope.child('pairwise').parameter<tf.Rank.R1>('weight', [2], {
    kind: 'constant',
    value: FIRST_PAIRWISE,
  });
  const beta = tf.softplus(raw);
  const similar = similarities(rgb, found).mul<tf.Tensor4D>(beta.reshape([1, 1, 1, 2]));
  return {
    unary: depth.reshape<tf.Tensor2D>([batch, count]),
    pairwise: similar.sum<tf.Tensor3D>(3).mul(touching(found)),
    found,
    unarySquares: squares,
    pairwiseSquares: beta.square().sum(),
  };
}

/** The most probable depth of every pixel: that of its superpixel, [B, H, W, 1]. */
export function cnnCrfDepth(scope: Scope, image: tf.Tensor4D, options: CnnCrfOptions): tf.Tensor4D {
  const crf = cnnCrf(scope, image, options);
  return nodesToPixels(crfMap(crf), crf.found);
}

/** [B, N] -> [B, H, W, 1]. */
export function nodesToPixels(values: tf.Tensor2D, found: Superpixels): tf.Tensor4D {
  return toPixels(values.reshape<tf.Tensor4D>([-1, found.rows, found.columns, 1]), found);
}

/** Means over superpixels by the pixels' weights, and whether there is any weight: both [B, N]. */
export function nodeMeans(values: tf.Tensor4D, weights: tf.Tensor4D, found: Superpixels) {
  const shape: [number, number] = [values.shape[0], found.rows * found.columns];
  const total = overSuperpixels(weights, found).reshape<tf.Tensor2D>(shape);
  const sums = overSuperpixels(values.mul<tf.Tensor4D>(weights), found).reshape<tf.Tensor2D>(shape);
  return {
    means: sums.div<tf.Tensor2D>(tf.maximum(total, 1e-6)),
    observed: total.greater(1e-6).toFloat() as tf.Tensor2D, // keeps the rank
  };
}

/** [B N, patch, patch, 3]: around the middle of every superpixel; beyond the border the image repeats it. */
function patches(image: tf.Tensor4D, found: Superpixels, { patch, patchScale }: CnnCrfOptions): tf.Tensor4D {
  const small = patchScale === 1 ? image : tf.avgPool(image, patchScale, patchScale, 'valid');
  const [batch, height, width] = small.shape;
  const count = found.rows * found.columns;
  const middle = (axis: number, extent: number, offsets: [number, number, number, number]) => {
    const at = found.centres
      .slice([0, 0, 0, axis], [-1, -1, -1, 1])
      .add<tf.Tensor4D>(0.5)
      .div<tf.Tensor4D>(patchScale);
    const first = tf.floor(at.sub<tf.Tensor4D>((patch - 1) / 2)).reshape<tf.Tensor4D>([batch, count, 1, 1]);
    const all = first.add<tf.Tensor4D>(tf.range(0, patch).reshape(offsets));
    return tf.clipByValue(all, 0, extent - 1);
  };
  const column = middle(0, width, [1, 1, 1, patch]);
  const row = middle(1, height, [1, 1, patch, 1]);
  const of = tf
    .range(0, batch)
    .mul<tf.Tensor>(height * width)
    .reshape<tf.Tensor4D>([batch, 1, 1, 1]);
  const places = row.mul<tf.Tensor4D>(width).add<tf.Tensor4D>(column).add<tf.Tensor4D>(of);
  const indices = places.add<tf.Tensor4D>(0.5).floor().cast('int32').reshape<tf.Tensor1D>([-1]);
  return tf.gather(small.reshape<tf.Tensor2D>([-1, 3]), indices).reshape([batch * count, patch, patch, 3]);
}

/** The CNN of a patch, [M, patch, patch, 3] -> [M, 1]. */
function unary(scope: Scope, x: tf.Tensor4D, { patch, filters }: CnnCrfOptions) {
  const halvings = Math.log2(patch / 4);
  if (!Number.isInteger(halvings) || halvings < 1)
    throw new TrainingError(`patch: expected 4 times a power of 2 of at least \`8\`, got ${patch}`);
  const squares: tf.Scalar[] = [];
  const layer = (
    name: string,
    y: tf.Tensor4D,
    channels: number,
    at: { kernel: number; stride: number; padding: number },
  ) => {
    const inner = scope.child(name);
    const settings = { filters: channels, bias: true, initialBias: 0, initializer: XAVIER, spectral: true };
    const shape = [at.kernel, at.kernel, y.shape[3], channels];
    squares.push(inner.parameter<tf.Rank.R4>('weight', shape, XAVIER).square().sum());
    return conv2d(inner, y, { ...at, ...settings });
  };
  let y = x;
  for (let i = 0; i < halvings; i++) {
    const channels = filters * Math.min(2 ** i, 4);
    y = tf.leakyRelu(layer(`conv_${i}`, y, channels, { kernel: 4, stride: 2, padding: 1 }), SLOPE);
  }
  for (const [i, channels] of HEAD.entries()) {
    const whole = layer(`head_${i}`, y, channels, { kernel: i === 0 ? 4 : 1, stride: 1, padding: 0 });
    y = i === HEAD.length - 1 ? whole : tf.leakyRelu(whole, SLOPE);
  }
  return { depth: y, squares: tf.addN(squares) };
}

/** S^1 and S^2 of all pairs of superpixels, [B, N, N, 2]. */
function similarities(rgb: tf.Tensor4D, found: Superpixels): tf.Tensor4D {
  const grey = rgb.mul(tf.tensor1d([0.299, 0.587, 0.114])).sum<tf.Tensor4D>(3, true);
  const bins = tf.clipByValue(tf.floor(grey.mul(BINS)), 0, BINS - 1).cast('int32');
  const histogram = tf.oneHot(bins.squeeze<tf.Tensor3D>([3]), BINS).toFloat() as tf.Tensor4D; // one axis more
  const counts = overSuperpixels(tf.onesLike(grey), found);
  const means = overSuperpixels(tf.concat([grey, histogram], 3), found).div<tf.Tensor4D>(
    tf.maximum(counts, 1),
  );
  const nodes = means.reshape<tf.Tensor3D>([rgb.shape[0], -1, 1 + BINS]);
  const intensity = nodes.slice([0, 0, 0], [-1, -1, 1]);
  const difference = tf.abs(intensity.sub<tf.Tensor3D>(intensity.transpose([0, 2, 1])));
  const histograms = nodes.slice([0, 0, 1], [-1, -1, BINS]);
  const squares = histograms.square().sum<tf.Tensor3D>(2, true);
  const products = tf.matMul<tf.Tensor3D>(histograms, histograms, false, true);
  const distance = tf.sqrt(
    tf.maximum(squares.add<tf.Tensor3D>(squares.transpose([0, 2, 1])).sub<tf.Tensor3D>(products.mul(2)), 0),
  );
  return tf.stack(
    [tf.exp(difference.mul(-FALL.intensity)), tf.exp(distance.mul(-FALL.histogram))],
    3,
  ) as tf.Tensor4D; // of two of rank 3
}
