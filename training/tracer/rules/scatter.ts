import { TrainingError } from '../../errors.js';
import { identityOrder } from '../lower/layout.js';
import type { Lowering } from '../lower/lowering.js';
import { NUMBERS, type OpRule, opRule } from '../lower/op-rule.js';
import type { Value } from '../trace/trace.js';

/** Adds `updates` to zeros of the output's shape at the places that `indices` name. */
function scatterAdd(graph: Lowering, output: Value, indices: string, updates: string): string {
  const g = graph.builder;
  const zeros = g.op('Expand', [graph.scalar(0, output.dtype), graph.int64(output.shape)]);
  const where = g.op('Cast', [indices], { to: 7 });
  return g.op('ScatterND', [zeros, where, updates], { reduction: 'add' });
}

export const scatterRules: readonly OpRule[] = [
  opRule<{ shape: number[] }>({
    kernelName: 'ScatterNd',
    accepts: { indices: ['int32'], updates: NUMBERS },
    infer: ({ inputs: { updates }, attributes: { shape } }) => [{ shape, dtype: updates.dtype }],
    lower: ({ inputs: { indices, updates }, outputs }, graph) => [
      {
        name: scatterAdd(graph, outputs[0], graph.read(indices), graph.read(updates)),
        order: identityOrder(outputs[0].shape.length),
      },
    ],
  }),
  opRule<{ numSegments: number }>({
    kernelName: 'UnsortedSegmentSum',
    accepts: { x: NUMBERS, segmentIds: ['int32'] },
    infer: ({ opName, inputs: { x, segmentIds }, attributes: { numSegments } }) => {
      const rank = segmentIds.shape.length;
      if (x.shape.slice(0, rank).join() !== segmentIds.shape.join()) {
        throw new TrainingError(
          `${opName}: expected segment ids \`[${x.shape.slice(0, rank)}]\` for [${x.shape}], got [${segmentIds.shape}]`,
        );
      }
      return [{ shape: [numSegments, ...x.shape.slice(rank)], dtype: x.dtype }];
    },
    lower: ({ inputs: { x, segmentIds }, outputs }, graph) => {
      const axis = graph.int64([segmentIds.shape.length]);
      const indices = graph.builder.op('Unsqueeze', [graph.read(segmentIds), axis]);
      const name = scatterAdd(graph, outputs[0], indices, graph.read(x));
      return [{ name, order: identityOrder(outputs[0].shape.length) }];
    },
  }),
];
