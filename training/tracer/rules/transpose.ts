import { opRule } from '../lower/op-rule.js';

/** Only the bookkeeping changes: the data stays where it is. */
export const transposeRule = opRule<{ perm: number[] }>({
  kernelName: 'Transpose',
  uniform: 'moves',
  infer: ({ inputs: { x }, attributes: { perm } }) => [
    { shape: perm.map((axis) => x.shape[axis]), dtype: x.dtype },
  ],
  simplify: ({ inputs: { x }, attributes: { perm } }) =>
    perm.every((axis, i) => axis === i) ? x : undefined,
  lower: ({ inputs: { x }, attributes: { perm } }, graph) => {
    const { name, order, compact } = graph.lowered(x);
    return [
      {
        name,
        order: order.map((axis) => perm.indexOf(axis)),
        compact: compact && perm.map((axis) => compact[axis]),
      },
    ];
  },
});
