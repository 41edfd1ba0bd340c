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
  /** What the bias starts from; by default uniform in +-1 / sqrt(fan in). */
  readonly initialBias?: number;
  /** `zero` and `reflection` pad by dilation * floor(kernel / 2) on every side, as PyTorch's padding does. */
  readonly padding?: 'zero' | 'reflection';
  /** Distance of the pixels under neighbouring taps; 1 by default. */
  readonly dilation?: number;
  /** Divides the filter by its largest singular value: `spectral-norm.ts`. */
  readonly spectral?: boolean;
}

/** 2-D convolution, [B, H, W, C] -> [B, ceil(H / stride), ceil(W / stride), filters] for even H, W or stride 1. */
export function conv2d(scope: Scope, x: tf.Tensor4D, options: ConvOptions): tf.Tensor4D {
  const { filters, kernel, stride = 1, bias = false, padding = 'zero', dilation = 1, gain = 1 } = options;
  const channels = x.shape[3];
  const fanIn = (kernel * kernel * channels) / gain ** 2;
  const weight = scope.parameter<tf.Rank.R4>(
    'weight',
    [kernel, kernel, channels, filters],
    bias ? { kind: 'fanInUniform', fanIn } : { kind: 'heNormal' },
  );
  const filter = options.spectral === true ? spectralNorm(scope, weight) : weight;
  const p = dilation * Math.floor(kernel / 2);
  const padded = padding === 'reflection' && p > 0 ? reflectionPad(x, p) : x;
  const q = padding === 'reflection' ? 0 : p;
  const border: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [q, q],
    [q, q],
    [0, 0],
  ];
  const y = tf.conv2d(padded, filter, stride, border, 'NHWC', dilation);
  if (!bias) return y;
  const start: Initializer =
    options.initialBias === undefined
      ? { kind: 'fanInUniform', fanIn }
      : { kind: 'constant', value: options.initialBias };
  return y.add(scope.parameter<tf.Rank.R1>('bias', [filters], start));
}

/** Of running statistics: running = (1 - momentum) * running + momentum * batch. PyTorch's default. */
export const BATCH_NORM_MOMENTUM = 0.1;
const BATCH_NORM_EPSILON = 1e-5;

/** Batch normalisation over [B, H, W]; in training with the batch's statistics (biased variance). Source: Ioffe and Szegedy 2015. */
export function batchNorm(scope: Scope, x: tf.Tensor4D): tf.Tensor4D {
  const shape = [x.shape[3]];
  const gamma = scope.parameter<tf.Rank.R1>('weight', shape, { kind: 'constant', value: 1 });
  const beta = scope.parameter<tf.Rank.R1>('bias', shape, { kind: 'constant', value: 0 });
  const runningMean = scope.parameter<tf.Rank.R1>(
    'running_mean',
    shape,
    { kind: 'constant', value: 0 },
    false,
  );
  const runningVariance = scope.parameter<tf.Rank.R1>(
    'running_var',
    shape,
    { kind: 'constant', value: 1 },
    false,
  );
  if (!scope.training) return tf.batchNorm(x, runningMean, runningVariance, beta, gamma, BATCH_NORM_EPSILON);
  const { output, mean, variance } = batchNormTraining(x, gamma, beta, BATCH_NORM_EPSILON);
  scope.update('running_mean', mean);
  scope.update('running_var', variance);
  return output;
}

/** Nearest-neighbour upsampling by two: [B, H, W, C] -> [B, 2H, 2W, C]. */
export function upsample2(x: tf.Tensor4D): tf.Tensor4D {
  return upsampleNearest(x, 2);
}
