import { broadcastType, lowerElementwise } from '../elementwise.js';
import { FLOATS, opRule } from '../op-rule.js';

/** dy (min(y, 0) + 1), since y = e^x - 1 where x < 0. */
export const eluGradRule = opRule({
  kernelName: 'EluGrad',
  accepts: FLOATS,
  uniform: 'elementwise',
  infer: (call) => [broadcastType(call)],
  lower: ({ inputs: { dy, y }, outputs }, graph) => [
    lowerElementwise(graph, [dy, y], outputs[0].shape.length, ([gradient, output]) => {
      const g = graph.builder;
      const slope = g.op('Add', [g.op('Min', [output, graph.scalar(0)]), graph.scalar(1)]);
      return g.op('Mul', [gradient, slope]);
    }),
  ],
});
