import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../../errors.js';
import { identityOrder } from '../lower/layout.js';
import { NUMBERS, opRule } from '../lower/op-rule.js';
import { describeType } from '../trace/trace.js';

function ordered([rows, columns]: readonly number[], transposed: boolean): readonly [number, number] {
  return transposed ? [columns, rows] : [rows, columns];
}

/** onnxruntime fuses the Transposes of a matrix product into it. */
export const batchMatMulRule = opRule<{ transposeA: boolean; transposeB: boolean }>({
  kernelName: 'BatchMatMul',
  accepts: NUMBERS,
  infer: ({ opName, inputs: { a, b }, attributes: { transposeA, transposeB } }) => {
    const rank = a.shape.length;
    const batch = tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const [rows, inner] = ordered(a.shape.slice(-2), transposeA);
    const [other, columns] = ordered(b.shape.slice(-2), transposeB);
    if (rank !== b.shape.length || inner !== other) {
      throw new TrainingError(
        `${opName}: expected \`[..., N, K] x [..., K, M]\`, got ${describeType(a)}${transposeA ? ' transposed' : ''} and ` +
          `${describeType(b)}${transposeB ? ' transposed' : ''}`,
      );
    }
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
