import * as tf from '@tensorflow/tfjs';
import type { EncoderFeatures, EncoderWidths } from './encoder-features.js';
import { batchNorm, conv2d } from './layers.js';
import { basicBlock, bottleneckBlock } from './residual-blocks.js';
import type { Scope } from './scope.js';

/** ResNet-18. Source: He et al. 2016, table 1. */
export const RESNET18_WIDTHS: EncoderWidths = [64, 64, 128, 256, 512];
/** ResNet-50 and deeper: what their bottleneck blocks give out. */
export const RESNET50_WIDTHS: EncoderWidths = [64, 256, 512, 1024, 2048];

/** Blocks of the four stages: two convolutions of 3x3 each, or a 3x3 between two 1x1. Source: He et al. 2016, table 1. */
const DEPTHS = {
  resnet18: { blocks: [2, 2, 2, 2], block: basicBlock },
  resnet50: { blocks: [3, 4, 6, 3], block: bottleneckBlock },
  resnet101: { blocks: [3, 4, 23, 3], block: bottleneckBlock },
} as const;
export type ResnetKind = keyof typeof DEPTHS;

/**
 * A ResNet encoder with configurable widths; parameter names as torchvision's.
 * @param image normalised, [B, H, W, 3], H and W multiples of 32.
 */
export function resnetEncoder(
  scope: Scope,
  image: tf.Tensor4D,
  widths: EncoderWidths,
  depth: ResnetKind = 'resnet18',
): EncoderFeatures {
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
  const { blocks, block } = DEPTHS[depth];
  const stage = (index: 0 | 1 | 2 | 3, x: tf.Tensor4D, filters: number): tf.Tensor4D => {
    const layer = scope.child(`layer${index + 1}`);
    let y = block(layer.child(0), x, { filters, stride: index === 0 ? 1 : 2 });
    for (let i = 1; i < blocks[index]; i++) y = block(layer.child(i), y, { filters });
    return y;
  };
  const quarter = stage(0, pooled, widths[1]);
  const eighth = stage(1, quarter, widths[2]);
  const sixteenth = stage(2, eighth, widths[3]);
  const thirtySecond = stage(3, sixteenth, widths[4]);
  return [stem, quarter, eighth, sixteenth, thirtySecond];
}
