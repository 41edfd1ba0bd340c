import * as tf from '@tensorflow/tfjs';
import { batchNorm, conv2d } from './layers.js';
import type { Scope } from './scope.js';

/** Channels of the stem and of the four stages. */
export type EncoderWidths = readonly [number, number, number, number, number];

/** ResNet-18. Source: He et al. 2016, table 1. */
export const RESNET18_WIDTHS: EncoderWidths = [64, 64, 128, 256, 512];

/** Features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the input's resolution. */
export type EncoderFeatures = readonly [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];

/**
 * The ResNet-18 encoder with configurable widths; two basic blocks a stage, parameter names as torchvision's.
 * @param image normalised, [B, H, W, 3], H and W multiples of 32.
 */
export function resnetEncoder(scope: Scope, image: tf.Tensor4D, widths: EncoderWidths): EncoderFeatures {
  const stem = tf.relu(
    batchNorm(
      scope.child('bn1'),
      conv2d(scope.child('conv1'), image, { filters: widths[0], kernel: 7, stride: 2 }),
    ),
  );
  const pooled = tf.maxPool(stem, 3, 2, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ] as unknown as number); // tfjs takes explicit paddings here, its typings do not say so
  const quarter = stage(scope.child('layer1'), pooled, widths[1], 1);
  const eighth = stage(scope.child('layer2'), quarter, widths[2], 2);
  const sixteenth = stage(scope.child('layer3'), eighth, widths[3], 2);
  const thirtySecond = stage(scope.child('layer4'), sixteenth, widths[4], 2);
  return [stem, quarter, eighth, sixteenth, thirtySecond];
}

function stage(scope: Scope, x: tf.Tensor4D, filters: number, stride: number): tf.Tensor4D {
  return basicBlock(scope.child(1), basicBlock(scope.child(0), x, filters, stride), filters, 1);
}

function basicBlock(scope: Scope, x: tf.Tensor4D, filters: number, stride: number): tf.Tensor4D {
  const first = tf.relu(
    batchNorm(scope.child('bn1'), conv2d(scope.child('conv1'), x, { filters, kernel: 3, stride })),
  );
  const second = batchNorm(scope.child('bn2'), conv2d(scope.child('conv2'), first, { filters, kernel: 3 }));
  const shortcut =
    stride === 1 && x.shape[3] === filters
      ? x
      : batchNorm(
          scope.child('downsample').child(1),
          conv2d(scope.child('downsample').child(0), x, { filters, kernel: 1, stride }),
        );
  return tf.relu(second.add(shortcut));
}
