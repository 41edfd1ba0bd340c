import { NUMBERS, opRule } from '../lower/op-rule.js';

export const cumsumRule = opRule<{ axis: number; exclusive: boolean; reverse: boolean }>({
  kernelName: 'Cumsum',
  accepts: NUMBERS,
  infer: ({ inputs: { x } }) => [x],
  lower: ({ inputs: { x }, attributes: { axis, exclusive, reverse } }, graph) => {
    const order = graph.order(x);
    const along = order.indexOf(axis < 0 ? axis + x.shape.length : axis);
    const name = graph.builder.op(
      'CumSum',
      [graph.read(x, order), graph.builder.constant([along], 'int64', [])],
      {
        exclusive: exclusive ? 1 : 0,
        reverse: reverse ? 1 : 0,
      },
    );
    return [{ name, order }];
  },
});
