import { NUMBERS, opRule } from '../lower/op-rule.js';
import { broadcastType, lowerElementwise } from './elementwise.js';

export const clipByValueRule = opRule<{ clipValueMin: number; clipValueMax: number }>({
  kernelName: 'ClipByValue',
  accepts: NUMBERS,
  uniform: 'elementwise',
  infer: (call) => [broadcastType(call)],
  lower: ({ inputs: { x }, attributes: { clipValueMin, clipValueMax } }, graph) => [
    lowerElementwise(graph, [x], x.shape.length, ([operand]) =>
      graph.builder.op('Clip', [
        operand,
        graph.scalar(clipValueMin, x.dtype),
        graph.scalar(clipValueMax, x.dtype),
      ]),
    ),
  ],
});
