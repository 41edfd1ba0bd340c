import * as tf from '@tensorflow/tfjs';
import type { EncoderFeatures, EncoderWidths } from './encoder-features.js';
import { invertedResidual } from './inverted-residual.js';
import { type BatchNormOptions, batchNorm, conv2d } from './layers.js';
import type { Scope } from './scope.js';

/** How much wider and deeper than Lite0. Source: efficientnet_lite_builder.py of tensorflow/tpu. */
const SCALES = {
  'efficientnet-lite0': { width: 1, depth: 1 },
  'efficientnet-lite1': { width: 1, depth: 1.1 },
  'efficientnet-lite2': { width: 1.1, depth: 1.2 },
} as const;
export type EfficientnetKind = keyof typeof SCALES;

/** Whether an encoder is one of the EfficientNet-Lite kinds. */
export function isEfficientnet(kind: string | undefined): kind is EfficientnetKind {
  return kind !== undefined && Object.hasOwn(SCALES, kind);
}

interface Stage {
  readonly repeats: number;
  readonly kernel: 3 | 5;
  /** Stride of the first block. */
  readonly stride: 1 | 2;
  readonly expansion: number;
  readonly filters: number;
}

/** Source: Tan and Le 2019, table 1, as the Lite variants have it. */
const STAGES: readonly Stage[] = [
  { repeats: 1, kernel: 3, stride: 1, expansion: 1, filters: 16 },
  { repeats: 2, kernel: 3, stride: 2, expansion: 6, filters: 24 },
  { repeats: 2, kernel: 5, stride: 2, expansion: 6, filters: 40 },
  { repeats: 3, kernel: 3, stride: 2, expansion: 6, filters: 80 },
  { repeats: 3, kernel: 5, stride: 1, expansion: 6, filters: 112 },
  { repeats: 4, kernel: 5, stride: 2, expansion: 6, filters: 192 },
  { repeats: 1, kernel: 3, stride: 1, expansion: 6, filters: 320 },
];

/** Not scaled, nor are the repeats of the first and the last stage. */
const STEM = 32;

/** Momentum 0.99 in TensorFlow's sense. Source: as the widths. */
export const EFFICIENTNET_NORM: BatchNormOptions = { epsilon: 1e-3, momentum: 0.01 };

/** Channels of the features that {@link efficientnetEncoder} gives. */
export function efficientnetWidths(kind: EfficientnetKind): EncoderWidths {
  const [a, b, c, , d, , e] = stagesOf(kind).map(({ filters }) => filters);
  return [a ?? 0, b ?? 0, c ?? 0, d ?? 0, e ?? 0]; // there are seven stages
}

/**
 * EfficientNet-Lite without its classification head: inverted residuals with ReLU6, no squeeze and excitation.
 * Parameter names as in EfficientNet-PyTorch without their leading underscores: `conv_stem`, `bn0`, `blocks.0.bn1` ...
 * @param image [B, H, W, 3], values (rgb - 127) / 128 of bytes, H and W multiples of 32.
 * @returns the last features of each resolution: 1/2 (first stage) to 1/32 (last stage).
 * Source: Tan and Le 2019; efficientnet_lite_builder.py of tensorflow/tpu.
 */
export function efficientnetEncoder(
  scope: Scope,
  image: tf.Tensor4D,
  kind: EfficientnetKind,
): EncoderFeatures {
  const stem = conv2d(scope.child('conv_stem'), image, {
    filters: STEM,
    kernel: 3,
    stride: 2,
    padding: 'same',
  });
  let x = tf.relu6(batchNorm(scope.child('bn0'), stem, EFFICIENTNET_NORM));
  const blocks = scope.child('blocks');
  const outputs: tf.Tensor4D[] = [];
  let block = 0;
  for (const { repeats, stride, ...stage } of stagesOf(kind)) {
    for (let i = 0; i < repeats; i++) {
      const options = { ...stage, stride: i === 0 ? stride : 1, norm: EFFICIENTNET_NORM } as const;
      x = invertedResidual(blocks.child(block++), x, options);
    }
    outputs.push(x);
  }
  const [half, quarter, eighth, , sixteenth, , thirtySecond] = outputs;
  if (!half || !quarter || !eighth || !sixteenth || !thirtySecond)
    throw new RangeError('there are seven stages');
  return [half, quarter, eighth, sixteenth, thirtySecond];
}

function stagesOf(kind: EfficientnetKind): Stage[] {
  const { width, depth } = SCALES[kind];
  return STAGES.map((stage, i) => ({
    ...stage,
    filters: roundedWidth(stage.filters * width),
    repeats: i === 0 || i === STAGES.length - 1 ? stage.repeats : Math.ceil(stage.repeats * depth),
  }));
}

/** The nearest multiple of eight that is at least 90 % of `filters`. */
function roundedWidth(filters: number): number {
  const rounded = Math.max(8, Math.floor((filters + 4) / 8) * 8);
  return rounded < 0.9 * filters ? rounded + 8 : rounded;
}
