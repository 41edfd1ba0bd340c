import { NCHW } from '../lower/layout.js';
import type { Lowering } from '../lower/lowering.js';
import { FLOATS, type OpRule, opRule } from '../lower/op-rule.js';
import type { Value } from '../trace/trace.js';
import { type ConvAttributes, convAttributes, convGeometry } from './conv-geometry.js';
import { emitConv, emitConvTranspose } from './emit-products.js';

/** A filter [H, W, in, multiplier] as ONNX's grouped convolution takes it: [in * multiplier, 1, H, W]. */
function groupedFilter(graph: Lowering, filter: Value): string {
  const [height, width, channels, multiplier] = filter.shape;
  const name = graph.read(filter, [2, 3, 0, 1]);
  return graph.builder.op('Reshape', [name, graph.int64([channels * multiplier, 1, height, width])]);
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
      const { input, output, kernel, strides, dilations, padBefore, padAfter } = geometry;
      const rest = kernel.map((extent, i) => {
        const reach = (extent - 1) * dilations[i] + 1;
        return input[i] + padBefore[i] + padAfter[i] - reach - (output[i] - 1) * strides[i];
      });
      const name = emitConvTranspose(graph, [graph.read(dy, NCHW), groupedFilter(graph, filter)], {
        ...convAttributes(geometry),
        output_padding: rest,
      });
      return [{ name, order: NCHW }];
    },
  }),
  /** For every tap the product of `dy` with the image that the tap saw, summed over batch and space. */
  opRule<ConvAttributes & { filterShape: number[] }>({
    kernelName: 'DepthwiseConv2dNativeBackpropFilter',
    accepts: FLOATS,
    infer: ({ inputs: { x }, attributes: { filterShape } }) => [{ shape: filterShape, dtype: x.dtype }],
    lower: ({ opName, inputs: { x, dy }, attributes }, graph) => {
      const g = graph.builder;
      const geometry = convGeometry(opName, x.shape, attributes.filterShape, attributes, true);
      const { batch, output, kernel, strides, dilations, padBefore, padAfter, inChannels } = geometry;
      const multiplier = attributes.filterShape[3];
      const pads = graph.int64([0, 0, ...padBefore, 0, 0, ...padAfter]);
      const image = g.op('Pad', [graph.read(x, NCHW), pads]);
      const split = graph.int64([batch, inChannels, multiplier, ...output]);
      const gradient = g.op('Reshape', [graph.read(dy, NCHW), split]);
      const taps: string[] = [];
      for (let ky = 0; ky < kernel[0]; ky++) {
        for (let kx = 0; kx < kernel[1]; kx++) {
          const begin = [ky * dilations[0], kx * dilations[1]];
          const end = begin.map((from, i) => from + (output[i] - 1) * strides[i] + 1);
          const seen = g.op('Slice', [
            image,
            graph.int64(begin),
            graph.int64(end),
            graph.int64([2, 3]),
            graph.int64(strides),
          ]);
          const product = g.op('Mul', [gradient, g.op('Unsqueeze', [seen, graph.int64([2])])]);
          taps.push(g.op('ReduceSum', [product, graph.int64([0, 3, 4])], { keepdims: 0 }));
        }
      }
      const rows = taps.map((tap) => g.op('Unsqueeze', [tap, graph.int64([0])]));
      const stacked = g.op('Concat', rows, { axis: 0 });
      const name = g.op('Reshape', [stacked, graph.int64(attributes.filterShape)]);
      return [{ name, order: [0, 1, 2, 3] }];
    },
  }),
];
