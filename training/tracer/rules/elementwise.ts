import * as tf from '@tensorflow/tfjs';
import type { Lowered } from '../lower/lowered.js';
import type { Lowering } from '../lower/lowering.js';
import type { KernelCall, TensorType, TraceDtype, Value } from '../trace/trace.js';

/** Type of an elementwise kernel's output: its inputs' shapes broadcast. */
export function broadcastType(call: KernelCall, dtype?: TraceDtype): TensorType {
  const values = Object.values(call.inputs);
  let shape: number[] = [];
  for (const value of values) shape = tf.backend_util.assertAndGetBroadcastShape(shape, [...value.shape]);
  return { shape, dtype: dtype ?? values[0].dtype };
}

/**
 * Lowers an elementwise op over `values`, whose shapes broadcast to `rank` axes, in the order that costs the fewest
 * transpositions. Where no operand has the full extent of an axis, the result has not either.
 */
export function lowerElementwise(
  graph: Lowering,
  values: readonly Value[],
  rank: number,
  emit: (operands: string[]) => string,
): Lowered {
  const order = graph.commonOrder(values, rank);
  const name = emit(values.map((value) => graph.operand(value, order)));
  let compact: number[] = new Array<number>(rank).fill(1);
  for (const value of values) {
    compact = tf.backend_util.assertAndGetBroadcastShape(compact, graph.present(value, rank));
  }
  const have = Math.max(...values.map((value) => graph.operandRank(value, order)));
  if (have < rank) {
    const front = Array.from({ length: rank - have }, (_, axis) => axis);
    return { name: graph.builder.op('Unsqueeze', [name, graph.int64(front)]), order, compact };
  }
  return { name, order, compact };
}
