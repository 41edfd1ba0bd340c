import { sizeOf } from '../../onnx/tensor-data.js';
import type { Lowered } from '../lower/lowered.js';
import type { Lowering } from '../lower/lowering.js';
import { type OpRule, opRule } from '../lower/op-rule.js';
import type { Value } from '../trace/trace.js';

/** Axes of extent 1 are broadcast, which costs nothing until someone needs all of them. */
function lowerTile(graph: Lowering, x: Value, reps: readonly number[]): Lowered {
  const lowered = graph.lowered(x);
  const present = lowered.compact ?? x.shape;
  if (reps.every((count, axis) => count === 1 || x.shape[axis] === 1))
    return { ...lowered, compact: present };
  const repeats = lowered.order.map((axis) => reps[axis]);
  const name = graph.builder.op('Tile', [graph.read(x, lowered.order), graph.int64(repeats)]);
  return { name, order: lowered.order };
}

export const tileRules: readonly OpRule[] = [
  opRule<{ reps: number[] }>({
    kernelName: 'Tile',
    uniform: 'moves',
    infer: ({ inputs: { x }, attributes: { reps } }) => [
      { shape: x.shape.map((extent, axis) => extent * reps[axis]), dtype: x.dtype },
    ],
    simplify: ({ inputs: { x } }, type) => (sizeOf(x.shape) === sizeOf(type.shape) ? x : undefined),
    lower: ({ inputs: { x }, attributes: { reps } }, graph) => [lowerTile(graph, x, reps)],
  }),
];
