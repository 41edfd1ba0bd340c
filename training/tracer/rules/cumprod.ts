import { NUMBERS, opRule } from '../lower/op-rule.js';

/** In log2 n steps: each multiplies with what lies 1, 2, 4, ... elements before. */
export const cumprodRule = opRule<{ axis: number; exclusive: boolean; reverse: boolean }>({
  kernelName: 'Cumprod',
  accepts: NUMBERS,
  infer: ({ inputs: { x } }) => [x],
  lower: ({ inputs: { x }, attributes: { axis, exclusive, reverse } }, graph) => {
    const order = graph.order(x);
    const along = order.indexOf(axis < 0 ? axis + x.shape.length : axis);
    const extent = x.shape[order[along]];
    /** Moves all elements by `distance`; ones come in. */
    const shifted = (name: string, distance: number): string => {
      const pads = new Array<number>(2 * order.length).fill(0);
      pads[along] = reverse ? -distance : distance;
      pads[order.length + along] = -pads[along];
      return graph.builder.op('Pad', [name, graph.int64(pads), graph.scalar(1, x.dtype)]);
    };
    let name = graph.read(x, order);
    if (exclusive) name = shifted(name, 1);
    for (let distance = 1; distance < extent; distance *= 2) {
      name = graph.builder.op('Mul', [name, shifted(name, distance)]);
    }
    return [{ name, order }];
  },
});
