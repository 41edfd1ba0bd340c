import { TrainingError } from '../../errors.js';
import { type OpRule, opRule } from '../lower/op-rule.js';
import { type TensorType, uniformOf, type Value } from '../trace/trace.js';

type Paddings = readonly (readonly [number, number])[];

function padded(x: Value, paddings: Paddings): TensorType {
  return {
    shape: x.shape.map((extent, axis) => extent + paddings[axis][0] + paddings[axis][1]),
    dtype: x.dtype,
  };
}

function pads(paddings: Paddings, order: readonly number[]): number[] {
  return [...order.map((axis) => paddings[axis][0]), ...order.map((axis) => paddings[axis][1])];
}

export const padRules: readonly OpRule[] = [
  opRule<{ paddings: Paddings; constantValue: number }>({
    kernelName: 'PadV2',
    infer: ({ inputs: { x }, attributes: { paddings } }) => [padded(x, paddings)],
    simplify: ({ inputs: { x }, attributes: { paddings, constantValue } }) => {
      if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
      return uniformOf(x) === constantValue ? { kind: 'uniform', value: constantValue } : undefined;
    },
    lower: ({ inputs: { x }, attributes: { paddings, constantValue } }, graph) => {
      const order = graph.order(x);
      const operands = [graph.read(x, order), graph.int64(pads(paddings, order))];
      if (constantValue !== 0) operands.push(graph.scalar(constantValue, x.dtype));
      return [{ name: graph.builder.op('Pad', operands, { mode: 'constant' }), order }];
    },
  }),
  opRule<{ paddings: Paddings; mode: 'reflect' | 'symmetric' }>({
    kernelName: 'MirrorPad',
    infer: ({ inputs: { x }, attributes: { paddings, mode } }) => {
      if (mode !== 'reflect') throw new TrainingError('mirrorPad: expected mode `reflect`, got symmetric');
      return [padded(x, paddings)];
    },
    lower: ({ inputs: { x }, attributes: { paddings } }, graph) => {
      const order = graph.order(x);
      const operands = [graph.read(x, order), graph.int64(pads(paddings, order))];
      return [{ name: graph.builder.op('Pad', operands, { mode: 'reflect' }), order }];
    },
  }),
];
