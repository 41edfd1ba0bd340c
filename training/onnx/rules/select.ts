import { broadcastType, lowerElementwise } from '../elementwise.js';
import { opRule } from '../op-rule.js';
import { ELEMENT_TYPES } from '../tensor-data.js';
import type { Value } from '../trace.js';

export const selectRule = opRule({
  kernelName: 'Select',
  uniform: 'elementwise',
  infer: (call) => {
    const { condition, t, e } = call.inputs;
    // A condition of rank 1 chooses rows.
    const inputs: Record<string, Value> = condition.shape.length === 1 ? { t, e } : { t, e, condition };
    return [broadcastType({ ...call, inputs }, t.dtype)];
  },
  lower: ({ inputs: { condition, t, e }, outputs }, graph) => {
    const g = graph.builder;
    const rank = outputs[0].shape.length;
    const rows = condition.shape.length === 1 && rank > 1;
    return [
      lowerElementwise(graph, rows ? [t, e] : [t, e, condition], rank, ([yes, no, chosen]) => {
        const order = graph.commonOrder([t, e], rank);
        const axes = order.flatMap((axis, i) => (axis === 0 ? [] : [i]));
        const mask = rows ? g.op('Unsqueeze', [graph.read(condition), graph.int64(axes)]) : chosen;
        if (t.dtype !== 'bool') return g.op('Where', [mask, yes, no]);
        const bytes = { to: ELEMENT_TYPES.uint8 };
        const picked = g.op('Where', [mask, g.op('Cast', [yes], bytes), g.op('Cast', [no], bytes)]);
        return g.op('Cast', [picked], { to: ELEMENT_TYPES.bool });
      }),
    ];
  },
});
