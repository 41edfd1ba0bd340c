import { sizeOf } from '../../onnx/tensor-data.js';
import { NCHW, OIHW } from '../lower/layout.js';
import type { Lowering } from '../lower/lowering.js';
import { FLOATS, opRule } from '../lower/op-rule.js';
import type { Value } from '../trace/trace.js';
import { type ConvAttributes, type ConvGeometry, convGeometry } from './conv-geometry.js';
import { emitConv, emitConvTranspose } from './emit-products.js';

type Attributes = ConvAttributes & { readonly inputShape: number[] };

/**
 * Gradient of a convolution by its input, and transposed convolution. With stride 1 and a filter smaller than the image
 * a convolution with the flipped filter is fastest, because onnxruntime's Conv is; else ConvTranspose.
 */
export const conv2dBackpropInputRule = opRule<Attributes>({
  kernelName: 'Conv2DBackpropInput',
  accepts: FLOATS,
  infer: ({ inputs: { dy }, attributes: { inputShape } }) => [{ shape: inputShape, dtype: dy.dtype }],
  lower: ({ opName, inputs: { dy, filter }, attributes }, graph) => {
    const geometry = convGeometry(opName, attributes.inputShape, filter.shape, attributes);
    const { strides, groups, dilations } = geometry;
    const plain =
      strides[0] === 1 && strides[1] === 1 && groups === 1 && dilations[0] === 1 && dilations[1] === 1;
    const flipped = plain && sizeOf(dy.shape) > sizeOf(filter.shape) && fits(geometry);
    const name = flipped
      ? flippedConv(graph, dy, filter, geometry)
      : convTranspose(graph, dy, filter, geometry);
    return [{ name, order: NCHW }];
  },
});

/** Whether the padding is less than the kernel, so that the flipped convolution's is not negative. */
function fits({ kernel, padBefore, padAfter }: ConvGeometry): boolean {
  return kernel.every((extent, i) => padBefore[i] < extent && padAfter[i] < extent);
}

function flippedConv(graph: Lowering, dy: Value, filter: Value, geometry: ConvGeometry): string {
  const { kernel, padBefore, padAfter } = geometry;
  // OIHW -> IOHW, then both spatial axes reversed.
  const transposed = graph.read(filter, [2, 3, 0, 1]);
  const name =
    kernel[0] === 1 && kernel[1] === 1
      ? transposed
      : graph.builder.op('Slice', [
          transposed,
          graph.int64([-1, -1]),
          graph.int64([Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]),
          graph.int64([2, 3]),
          graph.int64([-1, -1]),
        ]);
  const pads = [
    ...kernel.map((extent, i) => extent - 1 - padBefore[i]),
    ...kernel.map((extent, i) => extent - 1 - padAfter[i]),
  ];
  const channels = { inChannels: geometry.outChannels, groups: 1 };
  return emitConv(graph, [graph.read(dy, NCHW), name], { kernel_shape: kernel, pads }, channels);
}

function convTranspose(graph: Lowering, dy: Value, filter: Value, geometry: ConvGeometry): string {
  const { input, output, kernel, strides, dilations, padBefore, padAfter, groups } = geometry;
  const rest = kernel.map((extent, i) => {
    const reach = (extent - 1) * dilations[i] + 1;
    return input[i] + padBefore[i] + padAfter[i] - reach - (output[i] - 1) * strides[i];
  });
  return emitConvTranspose(graph, [graph.read(dy, NCHW), graph.read(filter, OIHW)], {
    kernel_shape: kernel,
    strides,
    dilations,
    group: groups,
    pads: [...padBefore, ...padAfter],
    output_padding: rest,
  });
}
