import { NUMBERS, opRule } from '../lower/op-rule.js';
import { broadcastType, lowerElementwise } from './elementwise.js';

export const addNRule = opRule({
  kernelName: 'AddN',
  accepts: NUMBERS,
  uniform: 'elementwise',
  infer: (call) => [broadcastType(call)],
  lower: ({ inputs, outputs }, graph) => [
    lowerElementwise(graph, Object.values(inputs), outputs[0].shape.length, (operands) =>
      operands.reduce((sum, operand) => graph.builder.op('Add', [sum, operand])),
    ),
  ],
});
