import { isNarrowHead } from '../../onnx/narrow-head.js';
import { NCHW, OIHW } from '../lower/layout.js';
import type { Lowered } from '../lower/lowered.js';
import type { Lowering } from '../lower/lowering.js';
import { FLOATS, opRule } from '../lower/op-rule.js';
import type { KernelCall, TraceNode, Value } from '../trace/trace.js';
import { type ConvAttributes, type ConvGeometry, convAttributes, convGeometry } from './conv-geometry.js';
import { emitConv, emitConvTranspose } from './emit-products.js';

export const conv2dRule = opRule<ConvAttributes>({
  kernelName: 'Conv2D',
  accepts: FLOATS,
  infer: ({ opName, inputs: { x, filter }, attributes }) => [
    { shape: convGeometry(opName, x.shape, filter.shape, attributes).outShape, dtype: x.dtype },
  ],
  lower: (node, graph) => [lowerConv(graph, node)],
});

function lowerConv(
  graph: Lowering,
  { opName, inputs, attributes }: KernelCall<ConvAttributes>,
  bias?: Value,
): Lowered {
  const { x, filter } = inputs;
  const geometry = convGeometry(opName, x.shape, filter.shape, attributes);
  const isNarrow = graph.target.device === 'cpu' && isTransposable(geometry);
  const operands = [graph.read(x, NCHW), isNarrow ? flipped(graph, filter) : graph.read(filter, OIHW)];
  if (bias !== undefined) operands.push(graph.read(bias));
  if (isNarrow) {
    const { kernel, padBefore, padAfter } = geometry;
    const pads = [padBefore, padAfter].flatMap((pad) => kernel.map((extent, i) => extent - 1 - pad[i]));
    return { name: emitConvTranspose(graph, operands, { kernel_shape: kernel, pads }), order: NCHW };
  }
  return { name: emitConv(graph, operands, convAttributes(geometry), geometry), order: NCHW };
}

/** Whether a convolution is that of a narrow head, and such that its transpose computes the same sums. */
function isTransposable({
  strides,
  dilations,
  kernel,
  padBefore,
  padAfter,
  groups,
  outChannels,
}: ConvGeometry): boolean {
  const plain = groups === 1 && [...strides, ...dilations].every((step) => step === 1);
  const fits = kernel.every((extent, i) => padBefore[i] < extent && padAfter[i] < extent);
  return plain && fits && isNarrowHead(outChannels, kernel);
}

/** A filter [H, W, in, out] as a transposed convolution takes it: [in, out, H, W], upside down and mirrored. */
function flipped(graph: Lowering, filter: Value): string {
  return graph.builder.op('Slice', [
    graph.read(filter, [2, 3, 0, 1]),
    graph.int64([-1, -1]),
    graph.int64([Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]),
    graph.int64([2, 3]),
    graph.int64([-1, -1]),
  ]);
}

/**
 * The sum of a convolution that nothing else reads and one number per channel: a convolution with bias. The one without
 * is then dead and left out of the model.
 */
export function convWithBias(graph: Lowering, a: Value, b: Value): Lowered | undefined {
  for (const [image, bias] of [
    [a, b],
    [b, a],
  ]) {
    const { origin } = image;
    if (origin.kind !== 'node' || origin.node.kernelName !== 'Conv2D' || !graph.isReadOnce(image)) continue;
    if (bias.shape.length !== 1 || bias.shape[0] !== image.shape[3]) continue;
    return lowerConv(graph, origin.node as TraceNode<ConvAttributes>, bias); // as its kernel's name says
  }
  return undefined;
}
