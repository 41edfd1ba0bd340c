import { NCHW, OIHW } from '../lower/layout.js';
import type { Lowered } from '../lower/lowered.js';
import type { Lowering } from '../lower/lowering.js';
import { FLOATS, opRule } from '../lower/op-rule.js';
import type { KernelCall, TraceNode, Value } from '../trace/trace.js';
import { type ConvAttributes, convAttributes, convGeometry } from './conv-geometry.js';
import { emitConv } from './emit-products.js';

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
  const operands = [graph.read(x, NCHW), graph.read(filter, OIHW)];
  if (bias !== undefined) operands.push(graph.read(bias));
  return { name: emitConv(graph, operands, convAttributes(geometry), geometry), order: NCHW };
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
