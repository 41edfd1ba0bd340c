import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import { reflectionPad } from '../ops/reflection-pad.js';
import { instanceNorm } from './instance-norm.js';
import { conv2d } from './layers.js';
import { kaimingFanIn, normResidualBlock } from './norm-residual-block.js';
import type { Scope } from './scope.js';

export interface StructureEncoderOptions {
  /** Filters of the first convolution; the features have four times as many. */
  readonly filters: number;
  /** Residual blocks. */
  readonly blocks: number;
}

/** Source: S2R-DepthNet, section 4.1: the content encoder of MUNIT (appendix B.2). 5,385,856 parameters. */
export const PAPER_STRUCTURE_ENCODER: StructureEncoderOptions = { filters: 64, blocks: 4 };

const SLOPE = 0.2;

/**
 * E_s, what is left of a picture without its style. It has convolutions and residual blocks, each instance-normalised, so
 * that mean and contrast of every channel are lost. LeakyReLU with 0.2 as in S2R-DepthNet's code, where MUNIT has ReLU.
 * Parameter names as there: `conv.conv`, `conv1.conv`, `conv2.conv`, `resblock.model.0.conv1` ...
 * @param image [B, H, W, 3] in [-1, 1], H and W multiples of 4 and at least 8.
 * @returns [B, H / 4, W / 4, 4 filters].
 * Source: S2R-DepthNet, sections 3.2 and 4.1; Huang et al. 2018 (MUNIT), appendix B.2, `c7s1-64, d128, d256, R256 x4`.
 */
export function structureEncoder(
  scope: Scope,
  image: tf.Tensor4D,
  { filters, blocks }: StructureEncoderOptions = PAPER_STRUCTURE_ENCODER,
): tf.Tensor4D {
  assertShape(image, ['B', 'H', 'W', 3], 'image');
  const normalize = (x: tf.Tensor4D) => instanceNorm(scope, x);
  let x = image;
  for (const [name, width, kernel, stride] of [
    ['conv', filters, 7, 1],
    ['conv1', 2 * filters, 4, 2],
    ['conv2', 4 * filters, 4, 2],
  ] as const) {
    const y = reflectedConv2d(scope.child(name), x, { filters: width, kernel, stride });
    x = tf.leakyRelu(normalize(y), SLOPE);
  }
  for (let block = 0; block < blocks; block++) {
    const child = scope.child('resblock').child('model').child(block);
    x = normResidualBlock(child, x, { normalize, slope: SLOPE });
  }
  return x;
}

/**
 * A convolution as all of MUNIT's: padded by reflection so that its stride alone decides the size, with bias, as
 * `conv` of its scope.
 * @param deviation of the weights at the start; by default sqrt(2 / fan in), as MUNIT's generators.
 */
export function reflectedConv2d(
  scope: Scope,
  x: tf.Tensor4D,
  { filters, kernel, stride }: { readonly filters: number; readonly kernel: number; readonly stride: number },
  deviation?: number,
): tf.Tensor4D {
  const padded = reflectionPad(x, Math.floor((kernel - 1) / 2));
  return conv2d(scope.child('conv'), padded, {
    ...{ filters, kernel, stride, bias: true, padding: 0 },
    initializer: deviation === undefined ? kaimingFanIn(kernel, x.shape[3]) : { kind: 'normal', deviation },
    initialBias: 0,
  });
}
