import * as tf from '@tensorflow/tfjs';
import { upsampleBilinear } from '../geometry/upsample-bilinear.js';
import { assertShape } from '../ops/assert-shape.js';
import { conv2d } from './layers.js';
import type { Scope } from './scope.js';

export interface BilinearUpBlockOptions {
  readonly filters: number;
  readonly activation: 'relu' | 'elu';
  readonly padding: 'zero' | 'reflection';
}

/**
 * Bilinear upsampling by two and a 3x3 convolution: [B, H, W, C] -> [B, 2 H, 2 W, filters]. It stands where SGDepth's
 * decoder upsamples nearest, and leaves no blocks in smooth surfaces.
 * @param skip features [B, 2 H, 2 W, S] that are joined before the convolution.
 * @throws TrainingError when `skip` is of another size.
 * Source: DA-Monodepth, section 4.1.
 */
export function bilinearUpBlock(
  scope: Scope,
  x: tf.Tensor4D,
  { filters, activation, padding }: BilinearUpBlockOptions,
  skip?: tf.Tensor4D,
): tf.Tensor4D {
  const upsampled = upsampleBilinear(x, 2);
  const [batch, height, width] = upsampled.shape;
  if (skip !== undefined) assertShape(skip, [batch, height, width, 'S'], 'skip');
  const joined = skip === undefined ? upsampled : tf.concat([upsampled, skip], 3);
  const y = conv2d(scope.child('conv'), joined, { filters, kernel: 3, bias: true, padding });
  return activation === 'elu' ? tf.elu(y) : tf.relu(y);
}
