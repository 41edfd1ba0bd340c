import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { assertShape } from '../ops/assert-shape.js';
import { dropout } from './dropout.js';
import { instanceNorm } from './instance-norm.js';
import { batchNorm, conv2d } from './layers.js';
import type { Scope } from './scope.js';
import { transposedConv2d } from './transposed-conv2d.js';

export interface UnetGeneratorOptions {
  /** Filters of the first convolution, doubled up to eight times; 64 in the paper. */
  readonly filters: number;
  /** Convolutions of stride 2: 8 lead from 256x256 to 1x1. */
  readonly levels: number;
  /** After all convolutions but the first, that of the bottleneck and the last. */
  readonly norm: 'batch' | 'instance' | 'none';
  /** Spectral normalisation of every convolution: `spectral-norm.ts`. */
  readonly spectral: boolean;
}

const SLOPE = 0.2;
const XAVIER = { kind: 'xavierNormal' } as const;

/** Channels after convolution `level`, from 0. */
export function unetChannels({ filters }: Pick<UnetGeneratorOptions, 'filters'>, level: number): number {
  return filters * Math.min(2 ** level, 8);
}

/**
 * U-Net without pooling: `levels` convolutions of 4x4 and stride 2 down to the bottleneck, as many transposed ones back. Each
 * of these is joined with what had its size on the way down. LeakyReLU 0.2 stands before the former, ReLU before the latter,
 * tanh at the end. [B, H, W, 3] -> [B, H, W, 1] in -1..1.
 *
 * Parameters are `down_0`..`up_0` with PyTorch's names; convolutions with a normalisation have no bias of their own.
 * @param mask of the bottleneck's dropout, [B, H / 2^levels, W / 2^levels, C]; undefined after training.
 * @throws TrainingError when H or W is no multiple of 2^levels.
 * Source: adversarial-depth, section 3.2 and figure 2; Isola et al. 2017, section 6.1.1, for what it leaves out.
 */
export function unetGenerator(
  scope: Scope,
  image: tf.Tensor4D,
  options: UnetGeneratorOptions,
  mask?: tf.Tensor4D,
): tf.Tensor4D {
  assertShape(image, ['B', 'H', 'W', 3], 'image');
  const { levels, norm, spectral } = options;
  const multiple = 2 ** levels;
  const [, height, width] = image.shape;
  if (height % multiple !== 0 || width % multiple !== 0) {
    throw new TrainingError(
      `image: expected rows and columns in multiples of \`${multiple}\` for ${levels} levels, got ${height}x${width}`,
    );
  }
  const settings = (hasNorm: boolean) => ({
    ...{ kernel: 4, stride: 2, padding: 1, spectral, initializer: XAVIER },
    ...{ bias: !hasNorm || norm === 'none', initialBias: 0 },
  });
  const normalized = (at: Scope, x: tf.Tensor4D): tf.Tensor4D => {
    if (norm === 'batch') return batchNorm(at.child('norm'), x);
    return norm === 'instance' ? instanceNorm(at.child('norm'), x) : x;
  };
  const encoded: tf.Tensor4D[] = [];
  let x = image;
  for (let level = 0; level < levels; level++) {
    const at = scope.child(`down_${level}`);
    const hasNorm = level > 0 && level < levels - 1;
    const y = conv2d(at.child('conv'), level === 0 ? x : tf.leakyRelu(x, SLOPE), {
      ...settings(hasNorm),
      filters: unetChannels(options, level),
    });
    x = hasNorm ? normalized(at, y) : y;
    encoded.push(x);
  }
  x = dropout(x, mask);
  for (let level = levels - 1; level >= 0; level--) {
    const at = scope.child(`up_${level}`);
    const filters = level === 0 ? 1 : unetChannels(options, level - 1);
    const y = transposedConv2d(at.child('conv'), tf.relu(x), { ...settings(level > 0), filters });
    const skip = encoded[level - 1];
    x = skip === undefined ? y : tf.concat([skip, normalized(at, y)], 3);
  }
  return tf.tanh(x);
}
