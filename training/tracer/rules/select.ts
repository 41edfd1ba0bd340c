import { ELEMENT_TYPES } from '../../onnx/tensor-data.js';
import { opRule } from '../lower/op-rule.js';
import { broadcastType, lowerElementwise } from './elementwise.js';

export const selectRule = opRule({
  kernelName: 'Select',
  accepts: { condition: ['bool'] },
  uniform: 'elementwise',
  infer: (call) => [broadcastType(call, call.inputs.t.dtype)],
  lower: ({ inputs: { condition, t, e }, outputs }, graph) => {
    const g = graph.builder;
    return [
      lowerElementwise(graph, [condition, t, e], outputs[0].shape.length, ([mask, yes, no]) => {
        if (t.dtype !== 'bool') return g.op('Where', [mask, yes, no]);
        // onnxruntime's Where takes no bools.
        const bytes = { to: ELEMENT_TYPES.uint8 };
        const picked = g.op('Where', [mask, g.op('Cast', [yes], bytes), g.op('Cast', [no], bytes)]);
        return g.op('Cast', [picked], { to: ELEMENT_TYPES.bool });
      }),
    ];
  },
});
