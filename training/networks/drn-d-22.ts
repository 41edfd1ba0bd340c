import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import { batchNorm, conv2d } from './layers.js';
import { basicBlock } from './residual-blocks.js';
import type { Scope } from './scope.js';

/** Filters of the stages, `layer0` to `layer8`. */
export type DrnWidths = readonly [number, number, number, number, number, number, number, number, number];

/** Source: Yu et al. 2017, figure 5, DRN-D-22. */
export const DRN_D_22_WIDTHS: DrnWidths = [16, 16, 32, 64, 128, 256, 512, 512, 512];

interface Convolution {
  readonly kind: 'convolution';
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
}

interface Blocks {
  readonly kind: 'blocks';
  readonly stride: number;
  readonly dilation: number;
}

/** One convolution, or two basic blocks. The last two remove the grid that dilation leaves. */
const STAGES: readonly (Convolution | Blocks)[] = [
  { kind: 'convolution', kernel: 7, stride: 1, dilation: 1 },
  { kind: 'convolution', kernel: 3, stride: 1, dilation: 1 },
  { kind: 'convolution', kernel: 3, stride: 2, dilation: 1 },
  { kind: 'blocks', stride: 2, dilation: 1 },
  { kind: 'blocks', stride: 2, dilation: 1 },
  { kind: 'blocks', stride: 1, dilation: 2 },
  { kind: 'blocks', stride: 1, dilation: 4 },
  { kind: 'convolution', kernel: 3, stride: 1, dilation: 2 },
  { kind: 'convolution', kernel: 3, stride: 1, dilation: 1 },
];

/**
 * Dilated residual network DRN-D-22 without pooling and classifier. Parameter names as in its published code:
 * `layer0.0.weight` (convolution), `layer0.1.weight` (batch normalisation), `layer3.0.conv1.weight` ...
 * @param image normalised, [B, H, W, 3].
 * @param widths of narrower networks.
 * @returns [B, ceil(H / 8), ceil(W / 8), 512].
 * Source: Yu et al. 2017 (Dilated Residual Networks), figure 5; S2R-DepthNet, section 4.1 (attention module).
 */
export function drnD22(scope: Scope, image: tf.Tensor4D, widths: DrnWidths = DRN_D_22_WIDTHS): tf.Tensor4D {
  assertShape(image, ['B', 'H', 'W', 3], 'image');
  let x = image;
  for (const [index, stage] of STAGES.entries()) {
    const layer = scope.child(`layer${index}`);
    const { stride, dilation } = stage;
    const filters = widths[index];
    if (stage.kind === 'convolution') {
      const y = conv2d(layer.child(0), x, { filters, kernel: stage.kernel, stride, dilation });
      x = tf.relu(batchNorm(layer.child(1), y));
    } else {
      const dilations = [dilation, dilation] as const;
      x = basicBlock(layer.child(0), x, { filters, stride, dilations });
      x = basicBlock(layer.child(1), x, { filters, dilations });
    }
  }
  return x;
}
