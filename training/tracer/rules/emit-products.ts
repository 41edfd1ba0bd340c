import type { Attributes } from '../../onnx/encode-attributes.js';
import { ELEMENT_TYPES } from '../../onnx/tensor-data.js';
import type { Lowering } from '../lower/lowering.js';
import type { ConvGeometry } from './conv-geometry.js';

/*
 * The operations in which nearly all arithmetic happens, as the target wants them.
 */

/** a b^T of matrices in the last two axes. */
export function emitProductTransposed(graph: Lowering, a: string, b: string): string {
  const { builder: g, target } = graph;
  return inHalf(graph, [a, b], ([left, right]) =>
    target.device === 'webgpu'
      ? g.op('MatMul', [left, g.op('Transpose', [right], { perm: [0, 2, 1] })])
      : g.op('com.microsoft:FusedMatMul', [left, right], { transB: 1 }),
  );
}

/**
 * A convolution.
 * @param operands image NCHW, filter OIHW and perhaps bias.
 * @param inChannels of the image.
 */
export function emitConv(
  graph: Lowering,
  operands: readonly string[],
  attributes: Attributes,
  { inChannels, groups }: Pick<ConvGeometry, 'inChannels' | 'groups'>,
): string {
  return inHalf(graph, operands, ([image, filter, ...bias]) => {
    const extra = graph.target.device === 'webgpu' && groups === 1 ? missingChannels(inChannels) : 0;
    return graph.builder.op(
      'Conv',
      [addChannels(graph, image, extra), addChannels(graph, filter, extra), ...bias],
      attributes,
    );
  });
}

/** A transposed convolution. @param operands image NCHW and filter OIHW of the convolution that it transposes. */
export function emitConvTranspose(
  graph: Lowering,
  operands: readonly string[],
  attributes: Attributes,
): string {
  return inHalf(graph, operands, (given) => graph.builder.op('ConvTranspose', given, attributes));
}

/**
 * onnxruntime's WebGPU provider (1.30) computes some convolutions wrong (measured;
 * https://github.com/microsoft/onnxruntime/issues/29651 may be the same). Their number of channels is more than three, and a
 * multiple of three but not of four. Channels of zeros help.
 */
function missingChannels(channels: number): number {
  return channels > 3 && channels % 3 === 0 && channels % 4 !== 0 ? 4 - (channels % 4) : 0;
}

function addChannels(graph: Lowering, name: string, count: number): string {
  if (count === 0) return name;
  return graph.builder.op('Pad', [name, graph.int64([0, 0, 0, 0, 0, count, 0, 0])]);
}

/** Where the target wants it, computes in half precision what is single before and after. */
function inHalf(
  graph: Lowering,
  operands: readonly string[],
  emit: (operands: readonly string[]) => string,
): string {
  if (!graph.target.halfProducts) return emit(operands);
  const cast = (name: string, to: number): string => graph.builder.op('Cast', [name], { to });
  const result = emit(operands.map((name) => cast(name, ELEMENT_TYPES.float16)));
  return cast(result, ELEMENT_TYPES.float32);
}
