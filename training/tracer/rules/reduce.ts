import * as tf from '@tensorflow/tfjs';
import { ELEMENT_TYPES } from '../../onnx/tensor-data.js';
import type { Lowered } from '../lower/lowered.js';
import type { Lowering } from '../lower/lowering.js';
import { NUMBERS, type OpRule, opRule } from '../lower/op-rule.js';
import type { KernelCall, TraceDtype, Value } from '../trace/trace.js';

interface ReduceAttributes {
  axis?: number | number[];
  reductionIndices?: number | number[];
  keepDims?: boolean;
}

function reducedAxes({ inputs: { x }, attributes }: KernelCall<ReduceAttributes>): number[] {
  const axis = attributes.axis ?? attributes.reductionIndices;
  return tf.util.parseAxisParam(axis as number[], [...x.shape]); // takes undefined as all axes
}

function reducedShape(x: Value, axes: readonly number[], keepDims: boolean): number[] {
  if (keepDims) return x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  return x.shape.filter((_, axis) => !axes.includes(axis));
}

/** Reduces `name`, which holds `x` in its own order. */
export function emitReduce(
  graph: Lowering,
  {
    opType,
    x,
    name,
    axes,
    keepDims,
  }: {
    readonly opType: string;
    readonly x: Value;
    readonly name: string;
    readonly axes: readonly number[];
    readonly keepDims: boolean;
  },
): Lowered {
  const order = graph.order(x);
  const physical = order.flatMap((axis, i) => (axes.includes(axis) ? [i] : []));
  const reduced = graph.builder.op(opType, [name, graph.int64(physical)], { keepdims: keepDims ? 1 : 0 });
  if (keepDims) return { name: reduced, order };
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  return {
    name: reduced,
    order: order.filter((axis) => kept.includes(axis)).map((axis) => kept.indexOf(axis)),
  };
}

/** A sum or mean of squares that nothing else reads: the squares need not be written. */
function sumOfSquares(
  { kernelName, inputs: { x }, attributes }: KernelCall<ReduceAttributes>,
  graph: Lowering,
  axes: readonly number[],
): Lowered | undefined {
  const { origin } = x;
  if (kernelName !== 'Sum' && kernelName !== 'Mean') return undefined;
  if (origin.kind !== 'node' || origin.node.kernelName !== 'Square' || !graph.isReadOnce(x)) return undefined;
  if (x.dtype !== 'float32' || axes.length === 0) return undefined;
  const base = origin.node.inputs.x;
  const name = graph.read(base, graph.order(base));
  const sum = emitReduce(graph, {
    opType: 'ReduceSumSquare',
    x: base,
    name,
    axes,
    keepDims: attributes.keepDims === true,
  });
  if (kernelName === 'Sum') return sum;
  const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
  return { ...sum, name: graph.builder.op('Mul', [sum.name, graph.scalar(1 / count)]) };
}

/** @param through the element type in which ONNX can reduce, where it cannot in the input's. */
function reduction(kernelName: string, opType: string, dtype?: TraceDtype, through?: TraceDtype): OpRule {
  return opRule<ReduceAttributes>({
    kernelName,
    accepts: dtype === 'bool' ? ['bool'] : NUMBERS,
    infer: (call) => [
      {
        shape: reducedShape(call.inputs.x, reducedAxes(call), call.attributes.keepDims === true),
        dtype: dtype ?? call.inputs.x.dtype,
      },
    ],
    simplify: (call, type) =>
      reducedAxes(call).length === 0 && call.inputs.x.dtype === type.dtype ? call.inputs.x : undefined,
    lower: (node, graph) => {
      const { x } = node.inputs;
      const axes = reducedAxes(node);
      const g = graph.builder;
      const squared = sumOfSquares(node, graph, axes);
      if (squared !== undefined) return [squared];
      let name = graph.read(x, graph.order(x));
      if (through !== undefined && x.dtype !== through)
        name = g.op('Cast', [name], { to: ELEMENT_TYPES[through] });
      if (axes.length === 0) return [{ name, order: graph.order(x) }];
      const reduced = emitReduce(graph, {
        opType,
        x,
        name,
        axes,
        keepDims: node.attributes.keepDims === true,
      });
      if (through !== 'int32') return [reduced];
      return [{ ...reduced, name: g.op('Cast', [reduced.name], { to: ELEMENT_TYPES.bool }) }];
    },
  });
}

export const reduceRules: readonly OpRule[] = [
  reduction('Sum', 'ReduceSum'),
  reduction('Mean', 'ReduceMean', 'float32', 'float32'),
  reduction('Max', 'ReduceMax'),
  reduction('Min', 'ReduceMin'),
  reduction('Prod', 'ReduceProd'),
  reduction('All', 'ReduceMin', 'bool', 'int32'),
  reduction('Any', 'ReduceMax', 'bool', 'int32'),
];
