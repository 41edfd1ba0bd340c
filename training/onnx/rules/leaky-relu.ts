import { broadcastType, lowerElementwise } from '../elementwise.js';
import { opRule } from '../op-rule.js';

export const leakyReluRule = opRule<{ alpha: number }>({
  kernelName: 'LeakyRelu',
  uniform: 'elementwise',
  infer: (call) => [broadcastType(call)],
  lower: ({ inputs: { x }, attributes: { alpha } }, graph) => [
    lowerElementwise(graph, [x], x.shape.length, ([operand]) =>
      graph.builder.op('LeakyRelu', [operand], { alpha: { float: alpha } }),
    ),
  ],
});
