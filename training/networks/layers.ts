import * as tf from '@tensorflow/tfjs';
import { batchNormTraining } from '../ops/batch-norm-training.js';
import { reflectionPad } from '../ops/reflection-pad.js';
import { upsampleNearest } from '../ops/upsample-nearest.js';
import type { Initializer, Scope } from './scope.js';
import { spectralNorm } from './spectral-norm.js';

export interface ConvOptions {
  readonly filters: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly bias?: boolean;
  /** With a bias: by how much weights and bias start larger or smaller than by default, default 1. */
  readonly gain?: number;
  /** What the weights start from, whatever the gain; by default as PyTorch's decoders (with bias) or ResNet's (without). */
  readonly initializer?: Initializer;
  /** What the bias starts from; by default uniform in +-1 / sqrt(fan in). */
  readonly initialBias?: number;
  /**
   * `zero` and `reflection` pad by dilation * floor(kernel / 2) on every side, as PyTorch's padding does. `same` is
   * TensorFlow's: zeros, and where their number is odd, as with stride 2 and even sizes, one more below and to the right.
   * A number is that many rows and columns of zeros on every side.
   */
  readonly padding?: 'zero' | 'reflection' | 'same' | number;
  /** Distance of the pixels under neighbouring taps; 1 by default. */
  readonly dilation?: number;
  /** Divides the filter by its largest singular value: `spectral-norm.ts`. */
  readonly spectral?: boolean;
}

/**
 * 2-D convolution, [B, H, W, C] -> [B, ceil(H / stride), ceil(W / stride), filters]. That holds for even H, W or stride 1, an
 * odd kernel and a padding by name. A number p gives floor((H + 2 p - dilation (kernel - 1) - 1) / stride) + 1 rows.
 */
export function conv2d(scope: Scope, x: tf.Tensor4D, options: ConvOptions): tf.Tensor4D {
  const { filters, kernel, stride = 1, bias = false, padding = 'zero', dilation = 1, gain = 1 } = options;
  const channels = x.shape[3];
  const fanIn = (kernel * kernel * channels) / gain ** 2;
  const weight = scope.parameter<tf.Rank.R4>(
    'weight',
    [kernel, kernel, channels, filters],
    options.initializer ?? (bias ? { kind: 'fanInUniform', fanIn } : { kind: 'heNormal' }),
  );
  const filter = options.spectral === true ? spectralNorm(scope, weight) : weight;
  const p = dilation * Math.floor(kernel / 2);
  const padded = padding === 'reflection' && p > 0 ? reflectionPad(x, p) : x;
  const border =
    padding === 'same' ? 'same' : zeros(padding === 'zero' ? p : padding === 'reflection' ? 0 : padding);
  // Rounded down, as PyTorch and ONNX do; TensorFlow.js refuses explicit paddings that the stride does not divide.
  const y = tf.conv2d(
    padded,
    filter,
    stride,
    border,
    'NHWC',
    dilation,
    typeof border === 'string' ? undefined : 'floor',
  );
  if (!bias) return y;
  const start: Initializer =
    options.initialBias === undefined
      ? { kind: 'fanInUniform', fanIn }
      : { kind: 'constant', value: options.initialBias };
  return y.add(scope.parameter<tf.Rank.R1>('bias', [filters], start));
}

/** So many zeros on every side of an image. */
function zeros(p: number): tf.backend_util.ExplicitPadding {
  return [
    [0, 0],
    [p, p],
    [p, p],
    [0, 0],
  ];
}

export interface DepthwiseOptions {
  readonly kernel: number;
  readonly stride?: number;
  /** As of {@link ConvOptions}. */
  readonly padding?: 'zero' | 'same' | number;
}

/** A filter of its own for each channel, [B, H, W, C] -> [B, ceil(H / stride), ceil(W / stride), C], sizes as of {@link conv2d}. */
export function depthwiseConv2d(
  scope: Scope,
  x: tf.Tensor4D,
  { kernel, stride = 1, padding = 'zero' }: DepthwiseOptions,
): tf.Tensor4D {
  const shape = [kernel, kernel, x.shape[3], 1];
  const filter = scope.parameter<tf.Rank.R4>('weight', shape, { kind: 'heNormal' });
  const border = padding === 'same' ? 'same' : zeros(padding === 'zero' ? Math.floor(kernel / 2) : padding);
  return tf.depthwiseConv2d(
    x,
    filter,
    stride,
    border,
    'NHWC',
    1,
    typeof border === 'string' ? undefined : 'floor',
  );
}

/** Momentum of running statistics: running = (1 - momentum) * running + momentum * batch. PyTorch's default. */
export const BATCH_NORM_MOMENTUM = 0.1;
const BATCH_NORM_EPSILON = 1e-5;

export interface BatchNormOptions {
  /** 1e-5, PyTorch's, by default. */
  readonly epsilon?: number;
  /** Share of the batch in the running statistics; the run's where left out. */
  readonly momentum?: number;
}

/** Batch normalisation over [B, H, W]; in training with the batch's statistics (biased variance). Source: Ioffe and Szegedy 2015. */
export function batchNorm(
  scope: Scope,
  x: tf.Tensor4D,
  { epsilon = BATCH_NORM_EPSILON, momentum }: BatchNormOptions = {},
): tf.Tensor4D {
  const shape = [x.shape[3]];
  const gamma = scope.parameter<tf.Rank.R1>('weight', shape, { kind: 'constant', value: 1 });
  const beta = scope.parameter<tf.Rank.R1>('bias', shape, { kind: 'constant', value: 0 });
  const runningMean = scope.statistic('running_mean', shape, 0, momentum);
  const runningVariance = scope.statistic('running_var', shape, 1, momentum);
  if (!scope.training) return tf.batchNorm(x, runningMean, runningVariance, beta, gamma, epsilon);
  const { output, mean, variance } = batchNormTraining(x, gamma, beta, epsilon);
  scope.update('running_mean', mean);
  scope.update('running_var', variance);
  return output;
}

/** Nearest-neighbour upsampling by two: [B, H, W, C] -> [B, 2H, 2W, C]. */
export function upsample2(x: tf.Tensor4D): tf.Tensor4D {
  return upsampleNearest(x, 2);
}
