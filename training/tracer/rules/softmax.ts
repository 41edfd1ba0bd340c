import { FLOATS, opRule } from '../lower/op-rule.js';

export const softmaxRule = opRule<{ dim: number }>({
  kernelName: 'Softmax',
  accepts: FLOATS,
  infer: ({ inputs: { logits } }) => [logits],
  lower: ({ inputs: { logits }, attributes: { dim } }, graph) => {
    const along = dim < 0 ? dim + logits.shape.length : dim;
    const order = graph.order(logits);
    const name = graph.builder.op('Softmax', [graph.read(logits, order)], { axis: order.indexOf(along) });
    return [{ name, order }];
  },
});
