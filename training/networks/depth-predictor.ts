import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import { reflectionPad } from '../ops/reflection-pad.js';
import { upsampleNearest } from '../ops/upsample-nearest.js';
import { batchNorm, conv2d } from './layers.js';
import type { Scope } from './scope.js';
import { transposedConv2d } from './transposed-conv2d.js';

export interface DepthPredictorOptions {
  /** Filters of the first convolution; the innermost have eight times as many. */
  readonly filters: number;
  /** Dilations of the three ways of an inception block, pixels at 1/16 of the resolution. */
  readonly dilations: readonly number[];
  /** Inception blocks. */
  readonly blocks: number;
  /** Border of the picture. At 1/16 of the resolution, reflection needs more rows and columns than the largest dilation. */
  readonly border: 'reflection' | 'zero';
}

/**
 * Source: S2R-DepthNet, section 4.1: "the depth estimation network architecture of previous works" (T2Net, GASDA), sizes as
 * in its code. 54,558,404 parameters with one channel.
 */
export const PAPER_DEPTH_PREDICTOR: DepthPredictorOptions = {
  filters: 64,
  dilations: [1, 3, 5],
  blocks: 3,
  border: 'reflection',
};

/** What features of the encoder are multiplied by where they join the decoder, coarse to fine. Source: its code. */
const SKIP_SHARES = [0.1, 0.05, 0.01] as const;

const START = { kind: 'normal', deviation: 0.02 } as const;

/**
 * P, a U-Net that gives depth at four scales. Downsampling is by averages of 2x2, upsampling by transposed convolutions;
 * at 1/16 inception blocks of dilated convolutions look far. Every coarser depth is an input of the next finer one.
 * All activations are PReLU with one slope that they share, `slope.weight`; other parameter names as in S2R-DepthNet's code.
 * @param x [B, H, W, C], a structure map, picture or both; H and W multiples of 16.
 * @returns [B, H / 8, W / 8, 1], ... 1/4, 1/2 and [B, H, W, 1], each in -1..1.
 * Source: S2R-DepthNet, section 4.1; Zheng et al. 2018 (T2Net), section 3.3.
 */
export function depthPredictor(
  scope: Scope,
  x: tf.Tensor4D,
  { filters, dilations, blocks, border }: DepthPredictorOptions = PAPER_DEPTH_PREDICTOR,
): [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D] {
  assertShape(x, ['B', 'H', 'W', 'C'], 'x');
  const slope = scope.child('slope').parameter<tf.Rank.R1>('weight', [1], { kind: 'constant', value: 0.25 });
  const activate = (y: tf.Tensor4D) => tf.prelu(y, slope.reshape<tf.Tensor4D>([1, 1, 1, 1]));
  const convolve = (child: Scope, y: tf.Tensor4D, width: number, kernel: number, dilation = 1) =>
    conv2d(child, y, { filters: width, kernel, dilation, padding: 'zero', initializer: START });
  const reflect = (child: Scope, y: tf.Tensor4D, width: number, kernel: number) =>
    conv2d(child, y, { filters: width, kernel, padding: 'reflection', initializer: START });
  const coarse = border === 'zero' ? convolve : reflect;
  const pool = (y: tf.Tensor4D) => tf.avgPool(y, 2, 2, 'valid');

  /** Two convolutions, at the names that a list of layers gives them. */
  const down = (name: string, y: tf.Tensor4D, width: number) => {
    const model = scope.child(name).child('model');
    const first = activate(batchNorm(model.child(1), convolve(model.child(0), y, width, 3)));
    return activate(batchNorm(model.child(4), convolve(model.child(3), first, width, 3)));
  };
  const inception = (block: Scope, y: tf.Tensor4D) => {
    const [, , , width] = y.shape;
    const ways = dilations.map((dilation, way) => {
      const child = block.child(`layer${way}`).child(1);
      if (border === 'zero') return convolve(child, y, width, 3, dilation);
      const padded = reflectionPad(y, dilation);
      return conv2d(child, padded, { filters: width, kernel: 3, dilation, padding: 0, initializer: START });
    });
    const joined = activate(batchNorm(block.child('norm1'), tf.concat(ways, 3)));
    const merged = coarse(block.child('branch1x1').child(1), joined, width, 3);
    return activate(batchNorm(block.child('norm2'), merged).add(y));
  };
  const up = (model: Scope, y: tf.Tensor4D, middle: number, width: number, convolution = reflect) => {
    const first = activate(batchNorm(model.child(2), convolution(model.child(1), y, middle, 3)));
    const doubled = transposedConv2d(model.child(4), first, {
      ...{ filters: width, kernel: 3, stride: 2, padding: 1, outputPadding: 1 },
      ...{ bias: true, initialBias: 0, initializer: START },
    });
    return activate(batchNorm(model.child(5), doubled));
  };
  const output = (name: string, y: tf.Tensor4D, kernel: number): tf.Tensor4D =>
    tf.tanh(reflect(scope.child(name).child('model').child(1), y, 1, kernel));

  const stem = scope.child('conv1');
  const half = pool(activate(batchNorm(stem.child(2), reflect(stem.child(1), x, filters, 7))));
  const quarter = pool(down('conv2', half, 2 * filters));
  const eighth = pool(down('conv3', quarter, 4 * filters));
  let center = pool(down('conv4', eighth, 8 * filters));
  for (let block = 0; block < blocks; block++) center = inception(scope.child('center').child(block), center);
  const doubling = scope.child('center').child(blocks).child('model');
  let decoded = up(doubling, center, 8 * filters, 4 * filters, coarse);

  const outputs: tf.Tensor4D[] = [];
  const skips = [eighth, quarter, half];
  for (const [index, skip] of skips.entries()) {
    const name = 4 - index;
    const coarser = outputs.map((depth) => upsampleNearest(depth, 2)).slice(-1);
    const joined: tf.Tensor4D = tf.concat([decoded, skip.mul(SKIP_SHARES[index] ?? 0), ...coarser], 3);
    outputs.push(output(`output${name}`, joined, 3));
    // From 1/8 to 1/1: 8, 4 and 2 times the filters within, a quarter of them given out.
    const middle = filters * 2 ** (3 - index);
    decoded = up(scope.child(`deconv${name}`).child('model'), joined, middle, middle / 4);
  }
  const [, , before] = outputs as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D]; // one for each skip
  const finest = output('output1', tf.concat([decoded, upsampleNearest(before, 2)], 3), 7);
  return [...outputs, finest] as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D]; // three and one
}
