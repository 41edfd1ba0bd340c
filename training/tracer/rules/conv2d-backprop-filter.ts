import { TrainingError } from '../../errors.js';
import { NCHW, OIHW } from '../lower/layout.js';
import type { Lowering } from '../lower/lowering.js';
import { FLOATS, opRule } from '../lower/op-rule.js';
import type { Value } from '../trace/trace.js';
import { type ConvAttributes, type ConvGeometry, convGeometry } from './conv-geometry.js';
import { emitProductTransposed } from './emit-products.js';
import { emitFilterGradient } from './filter-gradient/emit.js';
import { planFilterGradient } from './filter-gradient/plan.js';

type Attributes = ConvAttributes & { readonly filterShape: number[] };

/**
 * Gradient of a convolution by its filter. For every tap (ky, kx) the sum over batch and space of `dy` times the part of the image
 * that the tap saw. Laying out every tap's image (im2col) copies the image as often as there are taps. Shifting one operand's rows
 * and the other's columns copies each as often as the kernel has rows or columns. The sizes decide which form is cheapest: see
 * `planFilterGradient`.
 */
export const conv2dBackpropFilterRule = opRule<Attributes>({
  kernelName: 'Conv2DBackpropFilter',
  accepts: FLOATS,
  infer: ({ inputs: { x }, attributes: { filterShape } }) => [{ shape: filterShape, dtype: x.dtype }],
  lower: ({ opName, inputs: { x, dy }, attributes }, graph) => {
    const geometry = convGeometry(opName, x.shape, attributes.filterShape, attributes);
    if (geometry.groups !== 1) {
      throw new TrainingError(`${opName}: the filter gradient of grouped convolutions is missing`);
    }
    const single = geometry.kernel[0] * geometry.kernel[1] === 1;
    const name = single
      ? pointwise(graph, x, dy, geometry)
      : emitFilterGradient(
          graph,
          graph.read(x, NCHW),
          graph.read(dy, NCHW),
          geometry,
          planFilterGradient(geometry),
        );
    return [{ name, order: OIHW }];
  },
});

/** Filter gradient of a 1x1 convolution: dy [N, O, P] times x [N, C, P]^T, summed over N. */
function pointwise(graph: Lowering, x: Value, dy: Value, geometry: ConvGeometry): string {
  const g = graph.builder;
  const { batch, output, strides, inChannels, outChannels } = geometry;
  const padded = pad(graph, graph.read(x, NCHW), geometry);
  const seen =
    strides[0] === 1 && strides[1] === 1
      ? padded
      : g.op('Slice', [
          padded,
          graph.int64([0, 0]),
          graph.int64(output.map((extent, i) => (extent - 1) * strides[i] + 1)),
          graph.int64([2, 3]),
          graph.int64(strides),
        ]);
  const image = g.op('Reshape', [seen, graph.int64([batch, inChannels, -1])]);
  const gradient = g.op('Reshape', [graph.read(dy, NCHW), graph.int64([batch, outChannels, -1])]);
  const product = emitProductTransposed(graph, gradient, image);
  return g.op('Reshape', [sumBatch(graph, product, batch), graph.int64([outChannels, inChannels, 1, 1])]);
}

function pad(graph: Lowering, name: string, { padBefore, padAfter }: ConvGeometry): string {
  if ([...padBefore, ...padAfter].every((extent) => extent === 0)) return name;
  return graph.builder.op('Pad', [name, graph.int64([0, 0, ...padBefore, 0, 0, ...padAfter])]);
}

function sumBatch(graph: Lowering, name: string, batch: number): string {
  if (batch === 1) return graph.builder.op('Squeeze', [name, graph.int64([0])]);
  return graph.builder.op('ReduceSum', [name, graph.int64([0])], { keepdims: 0 });
}
