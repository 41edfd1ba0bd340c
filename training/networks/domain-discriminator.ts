import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { assertShape } from '../ops/assert-shape.js';
import { conv2d } from './layers.js';
import type { Scope } from './scope.js';

const SLOPE = 0.2;

/**
 * Says from which domain a map comes. It has five 4x4 convolutions with stride 2 and padding 1, 1, 2, 4, 8 times `filters`
 * and one channel wide, no normalisation. Parameter names as in AdvEnt's and DADA's code, `0.weight`, `0.bias`, `2.weight`,
 * ... `8.bias`.
 * @param x [B, H, W, C], H and W at least 32; for DADA the self-information times depth.
 * @param options.filters 64 in the paper.
 * @returns logits [B, H / 32, W / 32, 1], rounded down.
 * @throws TrainingError when H or W is below 32.
 * Source: DADA, section 4.1 (after Radford et al. 2016, DCGAN).
 */
export function domainDiscriminator(
  scope: Scope,
  x: tf.Tensor4D,
  { filters = 64 }: { readonly filters?: number } = {},
): tf.Tensor4D {
  assertShape(x, ['B', 'H', 'W', 'C'], 'x');
  const [, height, width] = x.shape;
  if (height < 32 || width < 32)
    throw new TrainingError(`x: expected at least 32 rows and columns, got ${height}x${width}`);
  const convolve = (index: number, y: tf.Tensor4D, channels: number) =>
    conv2d(scope.child(index), y, { filters: channels, kernel: 4, stride: 2, padding: 1, bias: true });
  let y = x;
  for (const [i, factor] of [1, 2, 4, 8].entries())
    y = tf.leakyRelu(convolve(2 * i, y, factor * filters), SLOPE);
  return convolve(8, y, 1);
}
