import * as tf from '@tensorflow/tfjs';
import { type ConvOptions, conv2d } from './layers.js';
import type { Initializer, Scope } from './scope.js';

export interface DepthBlockOptions {
  /** What the weights start from; normal with deviation 0.01, as in the authors' code, where left out. */
  readonly initializer?: Initializer;
  /** What the bias of the way back starts from: with 1 the fusion begins as the features themselves. Left out: around 0. */
  readonly fusionBias?: number;
}

const INITIALIZER: Initializer = { kind: 'normal', deviation: 0.01 };

/**
 * Depth out of a backbone's features. 1x1 to a quarter of the channels, 3x3 to as many, 1x1 to a sixteenth (2048: 512, 512,
 * 128), ReLU after the first two. The depth is the mean of the last's channels. Parameter names as in the authors' code:
 * `enc4_1`, `enc4_2`, `enc4_3`.
 * @param features [B, H, W, C], C a multiple of 16.
 * @returns `encoded` [B, H, W, C / 16], for {@link fuseDepth}, and `depth` [B, H, W, 1].
 * Source: DADA, section 4.1 (after Mordan et al. 2018); widths from the authors' code.
 */
export function depthBlock(
  scope: Scope,
  features: tf.Tensor4D,
  { initializer = INITIALIZER }: DepthBlockOptions = {},
): { encoded: tf.Tensor4D; depth: tf.Tensor4D } {
  const channels = features.shape[3];
  const convolve = (name: string, x: tf.Tensor4D, options: Pick<ConvOptions, 'filters' | 'kernel'>) =>
    conv2d(scope.child(name), x, { ...options, bias: true, initializer });
  const first = tf.relu(convolve('enc4_1', features, { filters: channels / 4, kernel: 1 }));
  const second = tf.relu(convolve('enc4_2', first, { filters: channels / 4, kernel: 3 }));
  const encoded = convolve('enc4_3', second, { filters: channels / 16, kernel: 1 });
  return { encoded, depth: tf.mean(encoded, 3, true) };
}

/**
 * The way back: 1x1 to the features' channels and ReLU, multiplied into them element by element. Parameter name `dec4`.
 * Source: DADA, section 3.1, "Feat. Fusion" of figure 2.
 */
export function fuseDepth(
  scope: Scope,
  features: tf.Tensor4D,
  encoded: tf.Tensor4D,
  { initializer = INITIALIZER, fusionBias }: DepthBlockOptions = {},
): tf.Tensor4D {
  const options = { filters: features.shape[3], kernel: 1, bias: true, initializer } as const;
  const decoded = conv2d(scope.child('dec4'), encoded, {
    ...options,
    ...(fusionBias !== undefined && { initialBias: fusionBias }),
  });
  return features.mul(tf.relu(decoded));
}
