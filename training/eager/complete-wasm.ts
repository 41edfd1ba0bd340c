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

interface ConvAttributes {
  readonly strides: number | [number, number];
  readonly dilations: number | [number, number];
  readonly pad: unknown;
  readonly dataFormat: string;
}

/**
 * Lets TensorFlow.js 4.22's wasm backend train: gradients that it lacks, composed of kernels that it has; `Select` of
 * bools, which writes four bytes for each and so beyond its memory; convolutions with `same` padding whose kernel is
 * narrower than their stride, of which it makes zeros; and the gradient of pooled negative values, which it takes for less
 * than nothing.
 */
export function completeWasm(): void {
  for (const kernelName of ['Conv2D', 'DepthwiseConv2dNative']) {
    overrideKernel(kernelName, 'wasm', (args) => sameAsExplicit(kernelName, args));
  }
  overrideKernel('MaxPoolGrad', 'wasm', poolGradientOfNegatives);
  overrideKernel('Conv2DBackpropFilter', 'wasm', ({ inputs: { x, dy }, attributes }) =>
    filterGradient(x as tf.Tensor4D, dy as tf.Tensor4D, attributes as unknown as FilterGradientAttributes),
  );
  overrideKernel('DepthwiseConv2dNativeBackpropFilter', 'wasm', ({ inputs: { x, dy }, attributes }) =>
    depthwiseFilterGradient(
      x as tf.Tensor4D,
      dy as tf.Tensor4D,
      attributes as unknown as DepthwiseFilterAttributes,
    ),
  );
  overrideKernel('DepthwiseConv2dNativeBackpropInput', 'wasm', ({ inputs: { dy, filter }, attributes }) =>
    depthwiseInputGradient(
      dy as tf.Tensor4D,
      filter as tf.Tensor4D,
      attributes as unknown as DepthwiseInputAttributes,
    ),
  );
  overrideKernel('UnsortedSegmentSum', 'wasm', ({ inputs: { x, segmentIds }, attributes }) =>
    segmentSum(x, segmentIds, attributes.numSegments as number),
  );
  overrideKernel('Select', 'wasm', ({ inputs: { condition, t, e } }) =>
    t.dtype === 'bool' ? tf.where(condition, t.toInt(), e.toInt()).toBool() : undefined,
  );
}

function sameAsExplicit(
  kernelName: string,
  { inputs: { x, filter }, attributes }: KernelArguments,
): tf.Tensor | undefined {
  const a = attributes as unknown as ConvAttributes;
  const [height, width] = filter.shape as [number, number];
  const [down, across] = typeof a.strides === 'number' ? [a.strides, a.strides] : a.strides;
  if (a.pad !== 'same' || a.dataFormat === 'NCHW' || (height >= down && width >= across)) return undefined;
  const image = x as tf.Tensor4D;
  const { padInfo } = tf.backend_util.computeConv2DInfo(
    image.shape,
    (filter as tf.Tensor4D).shape,
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
  return tf.engine().runKernel(kernelName, { x, filter }, { ...attributes, pad }) as tf.Tensor;
}

/** The image is raised until all of it is positive; where nothing is negative (after relu) wasm's own kernel serves. */
function poolGradientOfNegatives({ inputs, attributes }: KernelArguments): tf.Tensor | undefined {
  const least = inputs.input.min();
  if ((least.dataSync()[0] ?? 0) >= 0) return undefined;
  const input = inputs.input.sub(least).add(1);
  return tf.engine().runKernel('MaxPoolGrad', { ...inputs, input }, attributes) as tf.Tensor;
}
