import * as tf from '@tensorflow/tfjs';
import { batchNorm, type ConvOptions, conv2d } from './layers.js';
import type { Scope } from './scope.js';

export interface BasicBlockOptions {
  readonly filters: number;
  /** Stride of the first convolution. */
  readonly stride?: number;
  /** Dilations of the first and the second convolution. */
  readonly dilations?: readonly [number, number];
}

/**
 * Two convolutions of 3x3, to which the input is added: [B, H, W, C] -> [B, ceil(H / stride), ceil(W / stride), filters].
 * Parameter names as torchvision's. Source: He et al. 2016, figure 5.
 */
export function basicBlock(
  scope: Scope,
  x: tf.Tensor4D,
  { filters, stride = 1, dilations: [inner, outer] = [1, 1] }: BasicBlockOptions,
): tf.Tensor4D {
  const options = { filters, kernel: 3 };
  const first = conv2d(scope.child('conv1'), x, { ...options, stride, dilation: inner });
  const rectified = tf.relu(batchNorm(scope.child('bn1'), first));
  const second = conv2d(scope.child('conv2'), rectified, { ...options, dilation: outer });
  return tf.relu(batchNorm(scope.child('bn2'), second).add(shortcut(scope, x, filters, stride)));
}

export interface BottleneckBlockOptions {
  /** Given out; within there are a quarter of them. */
  readonly filters: number;
  readonly stride?: number;
  /** Dilation of the 3x3 convolution. */
  readonly dilation?: number;
  /** Which convolution has the stride: torchvision's 3x3, or the first 1x1 as in the original and in DeepLab. */
  readonly strideIn?: '3x3' | '1x1';
}

/**
 * A convolution of 3x3 between two of 1x1, to which the input is added: [B, H, W, C] ->
 * [B, ceil(H / stride), ceil(W / stride), filters]. Parameter names as torchvision's. Source: He et al. 2016, figure 5.
 */
export function bottleneckBlock(
  scope: Scope,
  x: tf.Tensor4D,
  { filters, stride = 1, dilation = 1, strideIn = '3x3' }: BottleneckBlockOptions,
): tf.Tensor4D {
  const layer = (index: number, y: tf.Tensor4D, options: ConvOptions) =>
    batchNorm(scope.child(`bn${index}`), conv2d(scope.child(`conv${index}`), y, options));
  const narrow = filters / 4;
  const [early, late] = strideIn === '1x1' ? [stride, 1] : [1, stride];
  const first = tf.relu(layer(1, x, { filters: narrow, kernel: 1, stride: early }));
  const second = tf.relu(layer(2, first, { filters: narrow, kernel: 3, stride: late, dilation }));
  const third = layer(3, second, { filters, kernel: 1 });
  return tf.relu(third.add(shortcut(scope, x, filters, stride)));
}

function shortcut(scope: Scope, x: tf.Tensor4D, filters: number, stride: number): tf.Tensor4D {
  if (stride === 1 && x.shape[3] === filters) return x;
  const projection = scope.child('downsample');
  return batchNorm(projection.child(1), conv2d(projection.child(0), x, { filters, kernel: 1, stride }));
}
