import { FLOATS, opRule } from '../lower/op-rule.js';
import { broadcastType, lowerElementwise } from './elementwise.js';

export const leakyReluRule = opRule<{ alpha: number }>({
  kernelName: 'LeakyRelu',
  accepts: FLOATS,
  uniform: 'elementwise',
  infer: (call) => [broadcastType(call)],
  lower: ({ inputs: { x }, attributes: { alpha } }, graph) => [
    lowerElementwise(graph, [x], x.shape.length, ([operand]) =>
      graph.builder.op('LeakyRelu', [operand], { alpha: { float: alpha } }),
    ),
  ],
});
