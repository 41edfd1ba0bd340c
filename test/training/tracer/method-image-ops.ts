import * as tf from '@tensorflow/tfjs';
import { upsampleNearest } from '../../../training/ops/upsample-nearest.js';
import {
  bilinear,
  type Corners,
  convolution,
  convolvedShape,
  depthwiseConvolution,
  nearest,
  pooling,
  transposedConvolution,
  type Window,
} from './image-references.js';
import type { MethodOp } from './method-op.js';
import { floats } from './parity.js';

type Shape4 = readonly [number, number, number, number];

const as4d = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;

function paddingOf({ pad }: Window): 'same' | 'valid' | tf.backend_util.ExplicitPadding {
  return typeof pad === 'string' ? pad : [[0, 0], [...pad[0]], [...pad[1]], [0, 0]];
}

const pair = (n: number): [number, number] => [n, n];
const around = (n: number): Window['pad'] => [pair(n), pair(n)];

function named({ kernel, strides, dilations, pad }: Window): string {
  const dilation = dilations === undefined ? '' : `, dilations ${dilations}`;
  return `${kernel.join('x')}, strides ${strides}${dilation}, padding ${typeof pad === 'string' ? pad : JSON.stringify(pad)}`;
}

export function convolves(what: string, shape: Shape4, channels: number, window: Window): MethodOp {
  return {
    need: `${what}: convolution ${named(window)}`,
    samples: { x: floats(shape), w: floats([...window.kernel, shape[3], channels]) },
    fn: ({ x, w }) =>
      tf.conv2d(as4d(x), as4d(w), [...window.strides], paddingOf(window), 'NHWC', [
        ...(window.dilations ?? pair(1)),
      ]),
    reference: convolution(shape, channels, window),
  };
}

export function transposes(what: string, outShape: Shape4, channels: number, window: Window): MethodOp {
  const shape = convolvedShape(outShape, channels, window);
  return {
    need: `${what}: transposed convolution ${named(window)}`,
    samples: { x: floats(shape), w: floats([...window.kernel, outShape[3], channels]) },
    fn: ({ x, w }) =>
      tf.conv2dTranspose(as4d(x), as4d(w), [...outShape], [...window.strides], paddingOf(window)),
    reference: transposedConvolution(outShape, channels, window),
  };
}

export function depthwise(shape: Shape4, multiplier: number, window: Window): MethodOp {
  return {
    need: `grouped: depthwise convolution ${named(window)}`,
    samples: { x: floats(shape), w: floats([...window.kernel, shape[3], multiplier]) },
    fn: ({ x, w }) =>
      tf.depthwiseConv2d(as4d(x), as4d(w), [...window.strides], paddingOf(window), 'NHWC', [
        ...(window.dilations ?? pair(1)),
      ]),
    reference: depthwiseConvolution(shape, multiplier, window),
  };
}

export function pools(what: string, kind: 'max' | 'mean', shape: Shape4, window: Window): MethodOp {
  const pad = paddingOf(window) as unknown as number; // the typings lack explicit paddings for pooling
  const pool = kind === 'max' ? tf.maxPool : tf.avgPool;
  return {
    need: `${what}: ${kind} pooling ${named(window)}`,
    samples: { x: floats(shape) },
    fn: ({ x }) => pool(as4d(x), [...window.kernel], [...window.strides], pad),
    reference: pooling(shape, window, kind),
    wrongInEager: kind === 'mean' && window.pad !== 'valid',
  };
}

type Resize = (x: tf.Tensor4D, size: [number, number], aligned: boolean, half: boolean) => tf.Tensor4D;

const resizeOps: Readonly<Record<'bilinear' | 'nearest', [Resize, typeof bilinear]>> = {
  bilinear: [tf.image.resizeBilinear, bilinear],
  nearest: [tf.image.resizeNearestNeighbor, nearest],
};

export function resizes(
  kind: keyof typeof resizeOps,
  size: [number, number],
  corners: Corners,
  shape: Shape4 = [2, 4, 6, 2],
): MethodOp {
  const [resize, reference] = resizeOps[kind];
  return {
    need: `${kind} resize to ${size.join('x')}, corners ${corners}`,
    samples: { x: floats(shape) },
    fn: ({ x }) => resize(as4d(x), size, corners === 'aligned', corners === 'halfPixel'),
    reference: reference(shape, size, corners),
    wrongInEager: true,
  };
}

const CORNERS: readonly Corners[] = ['aligned', 'halfPixel', 'asymmetric'];

/** What the methods do to images, after METHODS: by hand, beside the random ones of `properties.test.ts`. */
export const METHOD_IMAGE_OPS: readonly MethodOp[] = [
  convolves('ResNet stem', [1, 10, 12, 3], 4, { kernel: pair(7), strides: pair(2), pad: around(3) }),
  convolves('PatchGAN', [2, 8, 6, 3], 4, { kernel: pair(4), strides: pair(2), pad: around(1) }),
  convolves('PatchGAN, last', [2, 6, 6, 3], 1, { kernel: pair(4), strides: pair(1), pad: around(1) }),
  convolves('bottleneck', [2, 5, 6, 4], 3, { kernel: pair(1), strides: pair(2), pad: 'valid' }),
  ...[1, 3, 5].map((d) =>
    convolves('dilated inception block', [1, 9, 8, 2], 3, {
      kernel: pair(3),
      strides: pair(1),
      dilations: pair(d),
      pad: around(d),
    }),
  ),
  ...[6, 12].map((d) =>
    convolves('ASPP, taps beyond the image too', [1, 7, 9, 2], 3, {
      kernel: pair(3),
      strides: pair(1),
      dilations: pair(d),
      pad: around(d),
    }),
  ),
  convolves('dilated, rectangular', [2, 9, 11, 2], 2, {
    kernel: [2, 3],
    strides: pair(1),
    dilations: [3, 2],
    pad: 'same',
  }),
  transposes('pix2pix decoder', [2, 8, 12, 3], 2, { kernel: pair(4), strides: pair(2), pad: around(1) }),
  transposes('from 1x1', [2, 2, 2, 3], 4, { kernel: pair(4), strides: pair(2), pad: around(1) }),
  transposes('odd size', [1, 9, 7, 2], 3, { kernel: pair(3), strides: pair(2), pad: 'same' }),
  transposes('valid', [1, 9, 11, 2], 3, { kernel: pair(3), strides: [2, 4], pad: 'valid' }),
  transposes('stride 1', [2, 5, 6, 2], 3, { kernel: pair(3), strides: pair(1), pad: 'same' }),
  transposes('kernel below stride', [1, 6, 8, 2], 3, { kernel: pair(1), strides: pair(2), pad: 'same' }),
  depthwise([2, 6, 7, 3], 2, { kernel: pair(3), strides: pair(2), pad: 'same' }),
  depthwise([2, 6, 7, 3], 1, { kernel: pair(5), strides: pair(1), pad: 'same' }),
  depthwise([2, 8, 10, 4], 1, { kernel: [5, 3], strides: pair(2), pad: 'same' }),
  depthwise([1, 7, 8, 2], 2, { kernel: pair(3), strides: pair(1), dilations: pair(2), pad: around(2) }),
  pools('ResNet', 'max', [2, 8, 10, 2], { kernel: pair(3), strides: pair(2), pad: around(1) }),
  pools('overlapping', 'max', [1, 6, 7, 2], { kernel: [2, 3], strides: pair(1), pad: 'same' }),
  pools('SSIM', 'mean', [2, 6, 7, 2], { kernel: pair(3), strides: pair(1), pad: 'valid' }),
  pools('padded', 'mean', [2, 7, 6, 2], { kernel: pair(3), strides: pair(2), pad: 'same' }),
  pools('padded by hand', 'mean', [2, 6, 7, 2], { kernel: pair(3), strides: [2, 1], pad: around(1) }),
  ...CORNERS.flatMap((corners) => [
    resizes('bilinear', [8, 12], corners),
    resizes('bilinear', [7, 5], corners),
    resizes('nearest', [8, 12], corners),
    resizes('nearest', [7, 5], corners),
  ]),
  ...[2, 3].map((factor) => ({
    need: `nearest upsampling of decoders by ${factor}`,
    samples: { x: floats([2, 3, 4, 2]) },
    fn: ({ x }: Record<string, tf.Tensor>) => upsampleNearest(as4d(x), factor),
    reference: nearest([2, 3, 4, 2], [3 * factor, 4 * factor], 'asymmetric'),
  })),
];
