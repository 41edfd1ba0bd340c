import { FLOATS, opRule } from '../lower/op-rule.js';
import { broadcastType, lowerElementwise } from './elementwise.js';

/** dy min(y + 1, 1), since y = e^x - 1 > -1 where x < 0: one pass over y, with HardSigmoid max(0, min(1, y + 1)). */
export const eluGradRule = opRule({
  kernelName: 'EluGrad',
  accepts: FLOATS,
  uniform: 'elementwise',
  infer: (call) => [broadcastType(call)],
  lower: ({ inputs: { dy, y }, outputs }, graph) => [
    lowerElementwise(graph, [dy, y], outputs[0].shape.length, ([gradient, output]) => {
      const g = graph.builder;
      const slope = g.op('HardSigmoid', [output], { alpha: { float: 1 }, beta: { float: 1 } });
      return g.op('Mul', [gradient, slope]);
    }),
  ],
});
