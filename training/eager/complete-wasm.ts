import * as tf from '@tensorflow/tfjs';
import { type KernelArguments, overrideKernel } from './override-kernel.js';
import {
  type DepthwiseFilterAttributes,
  type DepthwiseInputAttributes,
  depthwiseFilterGradient,
  depthwiseInputGradient,
} from './wasm-depthwise-gradients.js';
import { type FilterGradientAttributes, filterGradient } from './wasm-filter-gradient.js';
import { segmentSum } from './wasm-segment-sum.js';

interface Convolution {
  readonly x: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
}

interface Gradient {
  readonly x: tf.Tensor4D;
  readonly dy: tf.Tensor4D;
}

interface ConvAttributes extends tf.NamedAttrMap {
  readonly strides: number | [number, number];
  readonly dilations: number | [number, number];
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat: string;
}

/**
 * Lets TensorFlow.js 4.22's wasm backend train. It adds the gradients that the backend lacks, composed of kernels that it has. It
 * replaces `Select` of bools, which writes four bytes for each and so beyond its memory. It replaces convolutions with `same` padding
 * whose kernel is narrower than their stride, of which the backend makes zeros. And it corrects the gradient of pooled negative
 * values, which the backend takes for less than nothing.
 */
export function completeWasm(): void {
  for (const kernelName of ['Conv2D', 'DepthwiseConv2dNative']) {
    overrideKernel<Convolution, ConvAttributes>(kernelName, 'wasm', (args) =>
      sameAsExplicit(kernelName, args),
    );
  }
  overrideKernel('MaxPoolGrad', 'wasm', poolGradientOfNegatives);
  overrideKernel<Gradient, FilterGradientAttributes>(
    'Conv2DBackpropFilter',
    'wasm',
    ({ inputs: { x, dy }, attributes }) => filterGradient(x, dy, attributes),
  );
  overrideKernel<Gradient, DepthwiseFilterAttributes>(
    'DepthwiseConv2dNativeBackpropFilter',
    'wasm',
    ({ inputs: { x, dy }, attributes }) => depthwiseFilterGradient(x, dy, attributes),
  );
  overrideKernel<Omit<Gradient & Convolution, 'x'>, DepthwiseInputAttributes>(
    'DepthwiseConv2dNativeBackpropInput',
    'wasm',
    ({ inputs: { dy, filter }, attributes }) => depthwiseInputGradient(dy, filter, attributes),
  );
  overrideKernel<Readonly<Record<'x' | 'segmentIds', tf.Tensor>>, { readonly numSegments: number }>(
    'UnsortedSegmentSum',
    'wasm',
    ({ inputs: { x, segmentIds }, attributes }) => segmentSum(x, segmentIds, attributes.numSegments),
  );
  overrideKernel('Select', 'wasm', ({ inputs: { condition, t, e } }) =>
    t.dtype === 'bool' ? tf.where(condition, t.toInt(), e.toInt()).toBool() : undefined,
  );
}

function sameAsExplicit(
  kernelName: string,
  { inputs: { x, filter }, attributes: a }: KernelArguments<Convolution, ConvAttributes>,
): tf.Tensor | undefined {
  const [height, width] = filter.shape;
  const [down, across] = typeof a.strides === 'number' ? [a.strides, a.strides] : a.strides;
  if (a.pad !== 'same' || a.dataFormat === 'NCHW' || (height >= down && width >= across)) return undefined;
  const { padInfo } = tf.backend_util.computeConv2DInfo(
    x.shape,
    filter.shape,
    a.strides,
    a.dilations,
    'same',
    undefined,
    kernelName !== 'Conv2D',
  );
  const pad: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [padInfo.top, padInfo.bottom],
    [padInfo.left, padInfo.right],
    [0, 0],
  ];
  return tf.engine().runKernel<tf.Tensor>(kernelName, { x, filter }, { ...a, pad });
}

/** The image is raised until all of it is positive; where nothing is negative (after relu) wasm's own kernel serves. */
function poolGradientOfNegatives({ inputs, attributes }: KernelArguments): tf.Tensor | undefined {
  const least = inputs.input.min();
  if ((least.dataSync()[0] ?? 0) >= 0) return undefined;
  const input = inputs.input.sub(least).add(1);
  return tf.engine().runKernel<tf.Tensor>('MaxPoolGrad', { ...inputs, input }, attributes);
}
