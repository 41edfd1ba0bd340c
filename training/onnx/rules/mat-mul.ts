import { identityOrder } from '../layout.js';
import { NUMBERS, opRule } from '../op-rule.js';

/** onnxruntime fuses the Transposes of a matrix product into it. */
export const batchMatMulRule = opRule<{ transposeA: boolean; transposeB: boolean }>({
  kernelName: 'BatchMatMul',
  accepts: NUMBERS,
  infer: ({ inputs: { a, b }, attributes: { transposeA, transposeB } }) => {
    const rank = a.shape.length;
    const batch = a.shape.slice(0, -2).map((extent, axis) => Math.max(extent, b.shape[axis]));
    const rows = a.shape[transposeA ? rank - 1 : rank - 2];
    const columns = b.shape[transposeB ? rank - 2 : rank - 1];
    return [{ shape: [...batch, rows, columns], dtype: a.dtype }];
  },
  lower: ({ inputs: { a, b }, outputs, attributes: { transposeA, transposeB } }, graph) => {
    const rank = a.shape.length;
    const swapped = [...identityOrder(rank - 2), rank - 1, rank - 2];
    const left = graph.read(a, transposeA ? swapped : identityOrder(rank));
    const right = graph.read(b, transposeB ? swapped : identityOrder(rank));
    return [
      { name: graph.builder.op('MatMul', [left, right]), order: identityOrder(outputs[0].shape.length) },
    ];
  },
});
