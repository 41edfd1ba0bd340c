import { ELEMENT_TYPES } from '../../onnx/tensor-data.js';
import { type OpRule, opRule } from '../lower/op-rule.js';
import type { TraceDtype } from '../trace/trace.js';

interface OneHotAttributes {
  depth: number;
  onValue: number;
  offValue: number;
  dtype: TraceDtype;
}

/** Indices out of range give `offValue` throughout. For image-like indices [B, H, W] the classes come second in memory. */
export const oneHotRule: OpRule = opRule<OneHotAttributes>({
  kernelName: 'OneHot',
  accepts: { indices: ['int32'] },
  infer: ({ inputs: { indices }, attributes: { depth, dtype } }) => [
    { shape: [...indices.shape, depth], dtype: dtype ?? 'float32' },
  ],
  lower: ({ inputs: { indices }, outputs, attributes: { depth, onValue, offValue } }, graph) => {
    const g = graph.builder;
    const rank = outputs[0].shape.length;
    const own = graph.order(indices);
    const at = rank >= 3 ? 1 : rank - 1;
    const order = [...own.slice(0, at), rank - 1, ...own.slice(at)];
    const classes = g.constant(
      Array.from({ length: depth }, (_, index) => index),
      'int32',
      [depth, ...new Array<number>(rank - 1 - at).fill(1)],
    );
    const same = g.op('Equal', [g.op('Unsqueeze', [graph.read(indices, own), graph.int64([at])]), classes]);
    const { dtype } = outputs[0];
    if (dtype === 'bool') return [{ name: same, order }];
    const plain = onValue === 1 && offValue === 0;
    const name = plain
      ? g.op('Cast', [same], { to: ELEMENT_TYPES[dtype] })
      : g.op('Where', [same, graph.scalar(onValue, dtype), graph.scalar(offValue, dtype)]);
    return [{ name, order }];
  },
});
