import { ELEMENT_TYPES } from '../../onnx/tensor-data.js';
import { opRule } from '../lower/op-rule.js';
import type { TraceDtype } from '../trace/trace.js';
import { broadcastType, lowerElementwise } from './elementwise.js';

export const castRule = opRule<{ dtype: TraceDtype }>({
  kernelName: 'Cast',
  uniform: 'elementwise',
  infer: (call) => [broadcastType(call, call.attributes.dtype)],
  simplify: ({ inputs: { x }, attributes: { dtype } }) => (x.dtype === dtype ? x : undefined),
  lower: ({ inputs: { x }, attributes: { dtype } }, graph) => [
    lowerElementwise(graph, [x], x.shape.length, ([operand]) =>
      graph.builder.op('Cast', [operand], { to: ELEMENT_TYPES[dtype] }),
    ),
  ],
});
