import { TrainingError } from '../../errors.js';
import { type ConvAttributes, type ConvGeometry, convGeometry } from '../conv-geometry.js';
import { NCHW, OIHW } from '../layout.js';
import type { Lowering } from '../lowering.js';
import { FLOATS, opRule } from '../op-rule.js';
import type { Value } from '../trace.js';

type Attributes = ConvAttributes & { readonly filterShape: number[] };

/**
 * Gradient of a convolution by its filter: for every tap (ky, kx) the sum over batch and space of `dy` times the part of
 * the image that the tap saw. Laying out every tap's image (im2col) copies the image as often as there are taps. Here:
 * the rows that the ky see are gathered once (whole rows, fast), giving a matrix of C kh rows; for every kx, `dy` is
 * shifted by zero padding instead, and one matrix product gives all taps (., kx). Strided columns are first split by
 * their remainder. Twice as fast as products tap by tap on large images, four times for 7x7 kernels.
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
    const emit = single ? pointwise : shifted;
    return [{ name: emit(graph, x, dy, geometry), order: OIHW }];
  },
});

/** Of a 1x1 convolution: dy [N, O, P] times x [N, C, P]^T, summed over N. */
function pointwise(graph: Lowering, x: Value, dy: Value, geometry: ConvGeometry): string {
  const g = graph.builder;
  const { batch, output, strides, inChannels, outChannels } = geometry;
  const pixels = output[0] * output[1];
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
  const image = g.op('Reshape', [seen, graph.int64([batch, inChannels, pixels])]);
  const gradient = g.op('Reshape', [graph.read(dy, NCHW), graph.int64([batch, outChannels, pixels])]);
  const product = g.op('com.microsoft:FusedMatMul', [gradient, image], { transB: 1 });
  return g.op('Reshape', [sumBatch(graph, product, batch), graph.int64([outChannels, inChannels, 1, 1])]);
}

function shifted(graph: Lowering, x: Value, dy: Value, geometry: ConvGeometry): string {
  const g = graph.builder;
  const { batch, output, kernel, strides, dilations, inChannels, outChannels } = geometry;
  const [kernelHeight, kernelWidth] = kernel;
  const phases = rowPhases(graph, x, geometry);
  // With few output channels or pixels it is faster to have them in the rows of the product.
  const outputFirst = outChannels < 8 || output[0] * output[1] < 1024;
  const products: string[] = [];
  for (let kx = 0; kx < kernelWidth; kx++) {
    const offset = kx * dilations[1];
    const { name: rows, width } = phases[offset % strides[1]];
    const shift = Math.floor(offset / strides[1]);
    const placed = g.op('Pad', [
      graph.read(dy, NCHW),
      graph.int64([0, 0, 0, shift, 0, 0, 0, width - output[1] - shift]),
    ]);
    const gradient = g.op('Reshape', [placed, graph.int64([batch, outChannels, output[0] * width])]);
    const factors = outputFirst ? [gradient, rows] : [rows, gradient];
    const product = g.op('com.microsoft:FusedMatMul', factors, { transB: 1 });
    const extents = outputFirst
      ? [outChannels, inChannels, kernelHeight, 1]
      : [inChannels, kernelHeight, outChannels, 1];
    products.push(g.op('Reshape', [sumBatch(graph, product, batch), graph.int64(extents)]));
  }
  const taps = g.op('Concat', products, { axis: 3 });
  return outputFirst ? taps : g.op('Transpose', [taps], { perm: [2, 0, 1, 3] });
}

interface RowPhase {
  /** [N, C kh, Ho width]: for every ky the rows that it sees, of the columns of one remainder. */
  readonly name: string;
  readonly width: number;
}

/** The rows under every ky, of the columns with remainders 0, 1, ... modulo the horizontal stride. */
function rowPhases(graph: Lowering, x: Value, geometry: ConvGeometry): RowPhase[] {
  const g = graph.builder;
  const { batch, input, output, kernel, strides, dilations, padBefore, padAfter, inChannels } = geometry;
  const padded = pad(graph, graph.read(x, NCHW), geometry);
  const fullWidth = input[1] + padBefore[1] + padAfter[1];
  const sources: number[] = [];
  for (let ky = 0; ky < kernel[0]; ky++) {
    for (let row = 0; row < output[0]; row++) sources.push(ky * dilations[0] + row * strides[0]);
  }
  const indices = g.constant(sources, 'int64', [kernel[0], output[0]]);
  return Array.from({ length: strides[1] }, (_, remainder) => {
    const width = Math.ceil((fullWidth - remainder) / strides[1]);
    const columns =
      strides[1] === 1
        ? padded
        : g.op('Slice', [
            padded,
            graph.int64([remainder]),
            graph.int64([fullWidth]),
            graph.int64([3]),
            graph.int64([strides[1]]),
          ]);
    const rows = g.op('Gather', [columns, indices], { axis: 2 });
    const extents = graph.int64([batch, inChannels * kernel[0], output[0] * width]);
    return { name: g.op('Reshape', [rows, extents]), width };
  });
}

function pad(graph: Lowering, name: string, { padBefore, padAfter }: ConvGeometry): string {
  if ([...padBefore, ...padAfter].every((extent) => extent === 0)) return name;
  return graph.builder.op('Pad', [name, graph.int64([0, 0, ...padBefore, 0, 0, ...padAfter])]);
}

function sumBatch(graph: Lowering, name: string, batch: number): string {
  if (batch === 1) return graph.builder.op('Squeeze', [name, graph.int64([0])]);
  return graph.builder.op('ReduceSum', [name, graph.int64([0])], { keepdims: 0 });
}
