import { NCHW } from '../lower/layout.js';
import type { Lowering } from '../lower/lowering.js';
import { FLOATS, type OpRule, opRule } from '../lower/op-rule.js';
import type { Value } from '../trace/trace.js';
import { type ConvAttributes, type ConvGeometry, convAttributes, convGeometry } from './conv-geometry.js';
import { emitConv, emitConvTranspose } from './emit-products.js';
import { emitDepthwiseFilterGradient } from './filter-gradient/depthwise.js';

/** A filter [H, W, in, multiplier] as ONNX's grouped convolution takes it: [in * multiplier, 1, H, W]. */
function groupedFilter(graph: Lowering, filter: Value): string {
  const [height, width, channels, multiplier] = filter.shape;
  const name = graph.read(filter, [2, 3, 0, 1]);
  return graph.builder.op('Reshape', [name, graph.int64([channels * multiplier, 1, height, width])]);
}

/**
 * Whether a convolution with the flipped filters gives the gradient by the input. It takes half as long as ConvTranspose
 * (measured on a CPU), which in turn is faster for strides than zeros or phases in between.
 */
function isFlippable({
  strides,
  dilations,
  kernel,
  padBefore,
  padAfter,
  groups,
  outChannels,
}: ConvGeometry): boolean {
  const plain = [...strides, ...dilations].every((step) => step === 1) && groups === outChannels;
  return plain && kernel.every((extent, i) => padBefore[i] < extent && padAfter[i] < extent);
}

function flippedConv(graph: Lowering, dy: string, filter: string, geometry: ConvGeometry): string {
  const { kernel, padBefore, padAfter, groups, outChannels } = geometry;
  const flipped = graph.builder.op('Slice', [
    filter,
    graph.int64([-1, -1]),
    graph.int64([Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]),
    graph.int64([2, 3]),
    graph.int64([-1, -1]),
  ]);
  const pads = [
    ...kernel.map((extent, i) => extent - 1 - padBefore[i]),
    ...kernel.map((extent, i) => extent - 1 - padAfter[i]),
  ];
  const attributes = { kernel_shape: kernel, pads, group: groups };
  return emitConv(graph, [dy, flipped], attributes, { inChannels: outChannels, groups });
}

function convTranspose(graph: Lowering, dy: string, filter: string, geometry: ConvGeometry): string {
  const { input, output, kernel, strides, dilations, padBefore, padAfter } = geometry;
  const rest = kernel.map((extent, i) => {
    const reach = (extent - 1) * dilations[i] + 1;
    return input[i] + padBefore[i] + padAfter[i] - reach - (output[i] - 1) * strides[i];
  });
  return emitConvTranspose(graph, [dy, filter], { ...convAttributes(geometry), output_padding: rest });
}

export const depthwiseConv2dRules: readonly OpRule[] = [
  opRule<ConvAttributes>({
    kernelName: 'DepthwiseConv2dNative',
    accepts: FLOATS,
    infer: ({ opName, inputs: { x, filter }, attributes }) => [
      { shape: convGeometry(opName, x.shape, filter.shape, attributes, true).outShape, dtype: x.dtype },
    ],
    lower: ({ opName, inputs: { x, filter }, attributes }, graph) => {
      const geometry = convGeometry(opName, x.shape, filter.shape, attributes, true);
      const operands = [graph.read(x, NCHW), groupedFilter(graph, filter)];
      return [{ name: emitConv(graph, operands, convAttributes(geometry), geometry), order: NCHW }];
    },
  }),
  opRule<ConvAttributes & { inputShape: number[] }>({
    kernelName: 'DepthwiseConv2dNativeBackpropInput',
    accepts: FLOATS,
    infer: ({ inputs: { dy }, attributes: { inputShape } }) => [{ shape: inputShape, dtype: dy.dtype }],
    lower: ({ opName, inputs: { dy, filter }, attributes }, graph) => {
      const geometry = convGeometry(opName, attributes.inputShape, filter.shape, attributes, true);
      const lowered = isFlippable(geometry) ? flippedConv : convTranspose;
      const name = lowered(graph, graph.read(dy, NCHW), groupedFilter(graph, filter), geometry);
      return [{ name, order: NCHW }];
    },
  }),
  opRule<ConvAttributes & { filterShape: number[] }>({
    kernelName: 'DepthwiseConv2dNativeBackpropFilter',
    accepts: FLOATS,
    infer: ({ inputs: { x }, attributes: { filterShape } }) => [{ shape: filterShape, dtype: x.dtype }],
    lower: ({ opName, inputs: { x, dy }, attributes }, graph) => {
      const geometry = convGeometry(opName, x.shape, attributes.filterShape, attributes, true);
      const { inChannels, outChannels, kernel } = geometry;
      const gradient = emitDepthwiseFilterGradient(
        graph,
        graph.read(x, NCHW),
        graph.read(dy, NCHW),
        geometry,
      );
      const shape = graph.int64([inChannels, outChannels / inChannels, ...kernel]);
      const name = graph.builder.op('Reshape', [gradient, shape]);
      return [{ name, order: [2, 3, 0, 1] }];
    },
  }),
];
