import { FLOATS, opRule } from '../lower/op-rule.js';
import { broadcastType, lowerElementwise } from './elementwise.js';

export const preluRule = opRule({
  kernelName: 'Prelu',
  accepts: FLOATS,
  uniform: 'elementwise',
  infer: (call) => [broadcastType(call)],
  lower: ({ inputs: { x, alpha }, outputs }, graph) => [
    lowerElementwise(graph, [x, alpha], outputs[0].shape.length, (operands) =>
      graph.builder.op('PRelu', operands),
    ),
  ],
});
