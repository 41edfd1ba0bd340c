import { TrainingError } from '../../errors.js';
import { type ConvAttributes, type ConvGeometry, convGeometry } from '../conv-geometry.js';
import { NCHW, OIHW } from '../layout.js';
import type { Lowering } from '../lowering.js';
import { opRule } from '../op-rule.js';
import type { Value } from '../trace.js';

type Attributes = ConvAttributes & { readonly filterShape: number[] };

/**
 * Gradient of a convolution by its filter: for every tap (kernel position) the product of `dy` with the image that the
 * tap saw, summed over batch and space.
 *
 * Small images: all taps' images are laid out beside each other (im2col) and multiplied at once, landing in OIHW. Large
 * ones: tap by tap, because the copies then stay in the processor's cache.
 */
export const conv2dBackpropFilterRule = opRule<Attributes>({
  kernelName: 'Conv2DBackpropFilter',
  infer: ({ inputs: { x }, attributes: { filterShape } }) => [{ shape: filterShape, dtype: x.dtype }],
  lower: ({ opName, inputs: { x, dy }, attributes }, graph) => {
    const geometry = convGeometry(opName, x.shape, attributes.filterShape, attributes);
    if (geometry.groups !== 1)
      throw new TrainingError(`${opName}: the filter gradient of grouped convolutions is missing`);
    const { batch, output, kernel, outChannels } = geometry;
    const small = batch * output[0] * output[1] < 4 * outChannels;
    const single = kernel[0] * kernel[1] === 1;
    const name = single || small ? columns(graph, x, dy, geometry) : taps(graph, x, dy, geometry);
    return [{ name, order: OIHW }];
  },
});

/** The images that the taps see, [N, C, Ho, Wo] each or with the axes that `padded` has, row by row. */
function tapImages(graph: Lowering, padded: string, geometry: ConvGeometry): string[] {
  const { output, kernel, strides, dilations } = geometry;
  const images: string[] = [];
  for (let y = 0; y < kernel[0]; y++) {
    for (let x = 0; x < kernel[1]; x++) {
      const begin = [y * dilations[0], x * dilations[1]];
      const end = begin.map((from, i) => from + (output[i] - 1) * strides[i] + 1);
      images.push(
        graph.builder.op('Slice', [
          padded,
          graph.int64(begin),
          graph.int64(end),
          graph.int64([2, 3]),
          graph.int64([...strides]),
        ]),
      );
    }
  }
  return images;
}

function pad(graph: Lowering, name: string, { padBefore, padAfter }: ConvGeometry): string {
  if ([...padBefore, ...padAfter].every((extent) => extent === 0)) return name;
  return graph.builder.op('Pad', [name, graph.int64([0, 0, ...padBefore, 0, 0, ...padAfter])]);
}

/** im2col: [N, C, taps, P] times dy [N, O, P], summed over N. */
function columns(graph: Lowering, x: Value, dy: Value, geometry: ConvGeometry): string {
  const g = graph.builder;
  const { batch, output, kernel, inChannels, outChannels } = geometry;
  const pixels = output[0] * output[1];
  const count = kernel[0] * kernel[1];
  const images = tapImages(graph, pad(graph, graph.read(x, NCHW), geometry), geometry);
  const flat = images.map((image) => g.op('Reshape', [image, graph.int64([batch, inChannels, 1, pixels])]));
  const stacked = count === 1 ? flat[0] : g.op('Concat', flat, { axis: 2 });
  const columnsName = g.op('Reshape', [stacked, graph.int64([batch, inChannels * count, pixels])]);
  const gradient = g.op('Reshape', [graph.read(dy, NCHW), graph.int64([batch, outChannels, pixels])]);
  const product = g.op('com.microsoft:FusedMatMul', [gradient, columnsName], { transB: 1 });
  return g.op('Reshape', [
    sumBatch(graph, product, batch),
    graph.int64([outChannels, inChannels, ...kernel]),
  ]);
}

/** Tap by tap: dy [N, O, P] times [N, C, P]^T, summed over N. */
function taps(graph: Lowering, x: Value, dy: Value, geometry: ConvGeometry): string {
  const g = graph.builder;
  const { batch, output, kernel, inChannels, outChannels } = geometry;
  const pixels = output[0] * output[1];
  const images = tapImages(graph, pad(graph, graph.read(x, NCHW), geometry), geometry);
  const gradient = g.op('Reshape', [graph.read(dy, NCHW), graph.int64([batch, outChannels, pixels])]);
  const products = images.map((image) => {
    const flat = g.op('Reshape', [image, graph.int64([batch, inChannels, pixels])]);
    const product = g.op('com.microsoft:FusedMatMul', [gradient, flat], { transB: 1 });
    return g.op('Reshape', [sumBatch(graph, product, batch), graph.int64([outChannels, inChannels, 1])]);
  });
  const stacked = g.op('Concat', products, { axis: 2 });
  return g.op('Reshape', [stacked, graph.int64([outChannels, inChannels, ...kernel])]);
}

function sumBatch(graph: Lowering, name: string, batch: number): string {
  if (batch === 1) return name;
  return graph.builder.op('ReduceSum', [name, graph.int64([0])], { keepdims: 0 });
}
