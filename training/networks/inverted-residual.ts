import * as tf from '@tensorflow/tfjs';
import { type BatchNormOptions, batchNorm, conv2d, depthwiseConv2d } from './layers.js';
import type { Scope } from './scope.js';

export interface InvertedResidualOptions {
  readonly filters: number;
  /** Kernel of the depthwise convolution. */
  readonly kernel: number;
  readonly stride: 1 | 2;
  /** Channels within the block, as a multiple of its input's; 1 leaves the first convolution out. */
  readonly expansion: number;
  readonly norm?: BatchNormOptions;
}

/**
 * Widen by 1x1, filter each channel by itself, narrow by 1x1 without activation. The input is added where it has the output's
 * shape: [B, H, W, C] -> [B, ceil(H / stride), ceil(W / stride), filters]. ReLU6 and padding as TensorFlow's `same`; no
 * squeeze and excitation. Parameter names as in EfficientNet-PyTorch, without their leading underscores. Source: Sandler et
 * al. 2018 (MobileNetV2), section 3.3; EfficientNet-Lite.
 */
export function invertedResidual(
  scope: Scope,
  x: tf.Tensor4D,
  { filters, kernel, stride, expansion, norm = {} }: InvertedResidualOptions,
): tf.Tensor4D {
  const channels = x.shape[3];
  const normed = (name: string, y: tf.Tensor4D) => batchNorm(scope.child(name), y, norm);
  const wide =
    expansion === 1
      ? x
      : tf.relu6(
          normed(
            'bn0',
            conv2d(scope.child('expand_conv'), x, {
              filters: channels * expansion,
              kernel: 1,
              padding: 'same',
            }),
          ),
        );
  const filtered = tf.relu6(
    normed('bn1', depthwiseConv2d(scope.child('depthwise_conv'), wide, { kernel, stride, padding: 'same' })),
  );
  const narrow = normed('bn2', conv2d(scope.child('project_conv'), filtered, { filters, kernel: 1 }));
  return stride === 1 && channels === filters ? narrow.add(x) : narrow;
}
