import * as tf from '@tensorflow/tfjs';
import { upsampleBilinear } from '../geometry/upsample-bilinear.js';
import { batchNorm, conv2d } from './layers.js';
import type { Scope } from './scope.js';

export interface UpProjectionOptions {
  readonly filters: number;
  /** How it upsamples, see `upsampleBilinear`; S2R-DepthNet's and Hu et al.'s code align the corners. */
  readonly alignCorners?: boolean;
}

/**
 * Up-projection: upsampling by two, then 5x5 and 3x3 convolutions. A 5x5 convolution of the upsampled input is added to them:
 * [B, H, W, C] -> [B, 2 H, 2 W, filters], rectified. Upsampling is bilinear, as in published implementations, where the
 * source puts zeros between the pixels. Parameter names as there: `conv1`, `bn1`, `conv1_2`, `bn1_2`, `conv2`, `bn2`. Source:
 * Laina et al. 2016, section 3.2, figure 2; S2R-DepthNet, section 4.1.
 */
export function upProjection(
  scope: Scope,
  x: tf.Tensor4D,
  { filters, alignCorners = false }: UpProjectionOptions,
): tf.Tensor4D {
  const layer = (suffix: string, y: tf.Tensor4D, kernel: number) =>
    batchNorm(scope.child(`bn${suffix}`), conv2d(scope.child(`conv${suffix}`), y, { filters, kernel }));
  const upsampled = upsampleBilinear(x, 2, { alignCorners });
  const projected = layer('1_2', tf.relu(layer('1', upsampled, 5)), 3);
  return tf.relu(projected.add(layer('2', upsampled, 5)));
}
