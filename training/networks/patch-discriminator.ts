import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { assertShape } from '../ops/assert-shape.js';
import { instanceNorm } from './instance-norm.js';
import { batchNorm, conv2d } from './layers.js';
import type { Initializer, Scope } from './scope.js';

export interface PatchDiscriminatorOptions {
  /** Filters of the first convolution; 64 in the paper. */
  readonly filters?: number;
  /** How many convolutions have stride 2: 3 give patches of 70x70, 1 gives 16x16. */
  readonly strided?: number;
  /** After all convolutions but the first and the last. */
  readonly norm?: 'batch' | 'instance' | 'none';
  /** Spectral normalisation of every convolution: `spectral-norm.ts`. */
  readonly spectral?: boolean;
  /** Initializer of the filters; normal with deviation 0.02 by default. */
  readonly initializer?: Initializer;
}

const SLOPE = 0.2;

/**
 * PatchGAN: says of every 70x70 patch whether it is real, by 4x4 convolutions with padding 1. For paired data the image
 * and what belongs to it are joined along the channels.
 *
 * Parameter names as in pix2pix's code, `model.0.weight`, `model.2.weight`, `model.3.weight` (batch normalisation) ...;
 * convolutions with batch normalisation have no bias.
 * @param x [B, H, W, C]; H and W at least 24 with three strides.
 * @returns logits [B, H / 8 - 2, W / 8 - 2, 1] for H, W multiples of 8: 30x30 of 256x256.
 * @throws TrainingError when the picture is too small to hold a patch.
 * Source: Isola et al. 2017, section 6.1.2; adversarial-depth, section 3; DA-Monodepth, section 4.1.
 */
export function patchDiscriminator(
  scope: Scope,
  x: tf.Tensor4D,
  options: PatchDiscriminatorOptions = {},
): tf.Tensor4D {
  assertShape(x, ['B', 'H', 'W', 'C'], 'x');
  const { strided = 3 } = options;
  const [, height, width] = x.shape;
  const least = 3 * 2 ** strided; // 3 pixels before the last two convolutions leave 1
  if (height < least || width < least) {
    throw new TrainingError(
      `x: expected at least ${least} rows and columns, got ${height}x${width}; smaller pictures hold no patch`,
    );
  }
  const { filters = 64, norm = 'batch', spectral = false } = options;
  const { initializer = { kind: 'normal', deviation: 0.02 } } = options;
  const model = scope.child('model');
  const convolve = (index: number, y: tf.Tensor4D, channels: number, stride: number, bias = true) =>
    conv2d(model.child(index), y, {
      filters: channels,
      kernel: 4,
      stride,
      padding: 1,
      bias,
      initialBias: 0,
      initializer,
      spectral,
    });
  const normalize = (index: number, y: tf.Tensor4D): tf.Tensor4D => {
    if (norm === 'batch') return batchNorm(model.child(index), y);
    return norm === 'instance' ? instanceNorm(model.child(index), y) : y;
  };
  let y: tf.Tensor4D = tf.leakyRelu(convolve(0, x, filters, 2), SLOPE);
  // The place of a convolution in the published list, where a normalisation and an activation follow it.
  let index = 2;
  for (let layer = 1; layer <= strided; layer++) {
    const channels = filters * Math.min(2 ** layer, 8);
    const stride = layer < strided ? 2 : 1;
    y = tf.leakyRelu(normalize(index + 1, convolve(index, y, channels, stride, norm !== 'batch')), SLOPE);
    index += 3;
  }
  return convolve(index, y, 1, 1);
}
