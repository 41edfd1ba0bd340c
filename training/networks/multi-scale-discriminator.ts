import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import type { Scope } from './scope.js';
import { reflectedConv2d } from './structure-encoder.js';

export interface MultiScaleDiscriminatorOptions {
  /** Filters of the first convolution, doubled by each of the following. */
  readonly filters: number;
  /** Strided convolutions of each scale. */
  readonly layers: number;
  /** Halvings of the picture, and one. */
  readonly scales: number;
}

const SLOPE = 0.2;

/**
 * Says of patches of a picture, at several resolutions, whether they are real: at each strided convolutions and a 1x1
 * convolution, without normalisation. Parameter names as in MUNIT's code: `cnns.0.0.conv` ... `cnns.0.4`.
 * @param x [B, H, W, C]; H and W at least 2^(layers + scales).
 * @returns scores [B, H / 2^(layers + s), W / 2^(layers + s), 1] of every scale s, without sigmoid.
 * Source: Huang et al. 2018 (MUNIT), section 5.1 and appendix B.2, `d64, d128, d256, d512`, three scales; Wang et al. 2018
 * (pix2pixHD), section 3.2.
 */
export function multiScaleDiscriminator(
  scope: Scope,
  x: tf.Tensor4D,
  { filters, layers, scales }: MultiScaleDiscriminatorOptions,
): tf.Tensor4D[] {
  assertShape(x, ['B', 'H', 'W', 'C'], 'x');
  const scores: tf.Tensor4D[] = [];
  let picture = x;
  for (let scale = 0; scale < scales; scale++) {
    if (scale > 0) picture = halved(picture);
    const net = scope.child('cnns').child(scale);
    let y = picture;
    for (let layer = 0; layer < layers; layer++) {
      const options = { filters: filters * 2 ** layer, kernel: 4, stride: 2 };
      y = tf.leakyRelu(reflectedConv2d(net.child(layer), y, options, 0.02), SLOPE);
    }
    const last = net.child(layers);
    const start = { kind: 'normal', deviation: 0.02 } as const;
    const weight = last.parameter<tf.Rank.R4>('weight', [1, 1, y.shape[3], 1], start);
    const bias = last.parameter<tf.Rank.R1>('bias', [1], { kind: 'constant', value: 0 });
    scores.push(tf.conv2d(y, weight, 1, 'valid').add(bias));
  }
  return scores;
}

/** Means of 3x3 pixels, two apart, of which those beyond the border do not count. */
function halved(x: tf.Tensor4D): tf.Tensor4D {
  const padded = (y: tf.Tensor4D) =>
    tf.pad(y, [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
  const mean = (y: tf.Tensor4D) => tf.avgPool(padded(y), 3, 2, 'valid');
  const [, height, width] = x.shape;
  return mean(x).div(mean(tf.ones([1, height, width, 1])));
}
