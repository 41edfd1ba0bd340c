import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import type { Scope } from './scope.js';
import { reflectedConv2d } from './structure-encoder.js';

export interface StyleEncoderOptions {
  /** Filters of the first convolution; the features have four times as many. */
  readonly filters: number;
  /** Numbers of a style. */
  readonly style: number;
}

/**
 * The style of pictures of a domain as a few numbers. It has strided convolutions without normalisation, which would take
 * away what makes a style, then the mean over the picture and a linear layer. Parameter names as in MUNIT's code:
 * `model.0.conv` to `model.4.conv`, `model.6`.
 * @param image [B, H, W, 3] in [-1, 1], H and W multiples of 16 and at least 32.
 * @returns [B, style].
 * Source: Huang et al. 2018 (MUNIT), appendix B.2, `c7s1-64, d128, d256, d256, d256, GAP, fc8`.
 */
export function styleEncoder(
  scope: Scope,
  image: tf.Tensor4D,
  { filters, style }: StyleEncoderOptions,
): tf.Tensor2D {
  assertShape(image, ['B', 'H', 'W', 3], 'image');
  const model = scope.child('model');
  let x = image;
  for (const [index, times] of [1, 2, 4, 4, 4].entries()) {
    const [kernel, stride] = index === 0 ? [7, 1] : [4, 2];
    x = tf.relu(reflectedConv2d(model.child(index), x, { filters: filters * times, kernel, stride }));
  }
  const mean = x.mean<tf.Tensor2D>([1, 2]);
  const channels = 4 * filters;
  const start = { kind: 'normal', deviation: Math.sqrt(2 / channels) } as const;
  // A convolution of 1x1 on a picture of one pixel.
  const weight = model.child(6).parameter<tf.Rank.R4>('weight', [1, 1, channels, style], start);
  const bias = model.child(6).parameter<tf.Rank.R1>('bias', [style], { kind: 'constant', value: 0 });
  return tf.matMul(mean, weight.reshape<tf.Tensor2D>([channels, style])).add(bias);
}
