import * as tf from '@tensorflow/tfjs';
import { conv2d } from './layers.js';
import type { Scope } from './scope.js';

export interface NormResidualBlockOptions {
  /** Normalises what the first and the second convolution give. */
  normalize(x: tf.Tensor4D, convolution: 0 | 1): tf.Tensor4D;
  /** Slope of the activation below zero; 0 for ReLU. */
  readonly slope: number;
}

/**
 * Two convolutions of 3x3 with reflection padding and normalisations, to which the input is added, nothing after the sum. [B,
 * H, W, C] -> [B, H, W, C]. Parameter names as in MUNIT's and S2R-DepthNet's code but for `.conv`: `conv1`, `conv2`. Source:
 * Huang et al. 2018 (MUNIT), appendix B.2.
 */
export function normResidualBlock(
  scope: Scope,
  x: tf.Tensor4D,
  { normalize, slope }: NormResidualBlockOptions,
): tf.Tensor4D {
  const convolve = (name: string, y: tf.Tensor4D) =>
    conv2d(scope.child(name), y, {
      ...{ filters: x.shape[3], kernel: 3, bias: true, padding: 'reflection' as const },
      initializer: kaimingFanIn(3, x.shape[3]),
      initialBias: 0,
    });
  const first = normalize(convolve('conv1', x), 0);
  const active = slope === 0 ? tf.relu(first) : tf.leakyRelu(first, slope);
  return normalize(convolve('conv2', active), 1).add(x);
}

/** What MUNIT's generators start from: normal with deviation sqrt(2 / fan in). Source: He et al. 2015. */
export function kaimingFanIn(kernel: number, channels: number) {
  return { kind: 'normal', deviation: Math.sqrt(2 / (kernel * kernel * channels)) } as const;
}
