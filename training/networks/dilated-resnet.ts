import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import type { EncoderWidths } from './encoder-features.js';
import { batchNorm, conv2d } from './layers.js';
import { bottleneckBlock } from './residual-blocks.js';
import { RESNET50_WIDTHS } from './resnet-encoder.js';
import type { Scope } from './scope.js';

export interface DilatedResnetOptions {
  /** Widths of the stem and of the four stages; default: ResNet-101's. */
  readonly widths?: EncoderWidths;
  /** Where the strides of the blocks are: `1x1` in DeepLab's published weights, `3x3` in torchvision's. `1x1` by default. */
  readonly strideIn?: '1x1' | '3x3';
  /** Whether the pooling after the stem rounds sizes up, as DeepLab's does (65 rows of 512, not 64). On by default. */
  readonly ceilPooling?: boolean;
}

/** Blocks, stride and dilation of the four stages: the last two keep their resolution and look further instead. */
const STAGES = [
  { blocks: 3, stride: 1, dilation: 1 },
  { blocks: 4, stride: 2, dilation: 1 },
  { blocks: 23, stride: 1, dilation: 2 },
  { blocks: 3, stride: 1, dilation: 4 },
] as const;

/**
 * ResNet-101 with an output stride of 8: the trunk of DeepLab-v2. Parameter names and shapes as torchvision's
 * `resnet101`, without `fc`. DADA freezes its batch normalisation: give it a scope that is not in training.
 * @param image normalised, [B, H, W, 3].
 * @returns [B, H / 8, W / 8, 2048], one row and column more with `ceilPooling` where H, W are multiples of 8.
 * Source: Chen et al. 2018 (DeepLab-v2), section 3.1; He et al. 2016, table 1; DADA, section 4.1.
 */
export function dilatedResnet101(
  scope: Scope,
  image: tf.Tensor4D,
  { widths = RESNET50_WIDTHS, strideIn = '1x1', ceilPooling = true }: DilatedResnetOptions = {},
): tf.Tensor4D {
  assertShape(image, ['B', 'H', 'W', 3], 'image');
  const [stemWidth, ...stageWidths] = widths;
  const stem = conv2d(scope.child('conv1'), image, { filters: stemWidth, kernel: 7, stride: 2 });
  const after = ceilPooling ? 2 : 1;
  let x: tf.Tensor4D = tf.maxPool(tf.relu(batchNorm(scope.child('bn1'), stem)), 3, 2, [
    [0, 0],
    [1, after],
    [1, after],
    [0, 0],
  ] as unknown as number); // tfjs takes explicit paddings here, its typings do not say so
  for (const [index, { blocks, stride, dilation }] of STAGES.entries()) {
    const layer = scope.child(`layer${index + 1}`);
    const options = { filters: stageWidths[index], dilation, strideIn };
    for (let i = 0; i < blocks; i++)
      x = bottleneckBlock(layer.child(i), x, { ...options, stride: i === 0 ? stride : 1 });
  }
  return x;
}
