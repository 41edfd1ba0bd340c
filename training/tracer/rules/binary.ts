import type { GraphBuilder } from '../../onnx/graph-builder.js';
import { NUMBERS, type OpRule, opRule } from '../lower/op-rule.js';
import {
  type Constant,
  type KernelCall,
  type TensorType,
  type TraceDtype,
  uniformOf,
  type Value,
} from '../trace/trace.js';
import { convWithBias } from './conv2d.js';
import { broadcastType, lowerElementwise } from './elementwise.js';

type Emit = (builder: GraphBuilder, a: string, b: string, dtype: TraceDtype) => string;
type Simplify = NonNullable<OpRule['simplify']>;

/** A rule for a kernel over `a` and `b` that broadcasts and has no attributes. */
function binary(
  kernelName: string,
  emit: Emit | string,
  dtype?: TraceDtype,
  simplify?: Simplify,
  accepts: OpRule['accepts'] = NUMBERS,
): OpRule {
  return opRule({
    kernelName,
    accepts,
    uniform: 'elementwise',
    infer: (call) => [broadcastType(call, dtype)],
    simplify,
    lower: ({ inputs: { a, b }, outputs }, graph) => {
      const rank = outputs[0].shape.length;
      const biased = kernelName === 'Add' ? convWithBias(graph, a, b) : undefined;
      if (biased !== undefined) return [biased];
      // A product with ones of a larger shape is a broadcast, which costs nothing until someone needs all of it.
      if (kernelName === 'Multiply' && uniformOf(b) === 1 && a.shape.length === rank) {
        return [lowerElementwise(graph, [a], rank, ([x]) => x)];
      }
      return [
        lowerElementwise(graph, [a, b], rank, ([x, y]) =>
          typeof emit === 'string' ? graph.builder.op(emit, [x, y]) : emit(graph.builder, x, y, a.dtype),
        ),
      ];
    },
  });
}

/** `value`, if it already has the result's shape. */
function ifWhole(value: Value, type: TensorType): Value | undefined {
  return value.shape.join() === type.shape.join() && value.dtype === type.dtype ? value : undefined;
}

/** The other operand where one is `neutral` throughout; only the second may be, unless `commutes`. */
function neutral(number: number, commutes: boolean): Simplify {
  return ({ inputs: { a, b } }: KernelCall, type: TensorType): Value | Constant | undefined => {
    if (uniformOf(b) === number) return ifWhole(a, type);
    return commutes && uniformOf(a) === number ? ifWhole(b, type) : undefined;
  };
}

const times: Simplify = (call, type) => {
  const { a, b } = call.inputs;
  // Of infinities too: what a mask of zeros removes is gone.
  if (uniformOf(a) === 0 || uniformOf(b) === 0) return { kind: 'uniform', value: 0 };
  return neutral(1, true)(call, type);
};

const ANYTHING: readonly TraceDtype[] = [...NUMBERS, 'bool'];

const asInt = { to: 6 };
const asDouble = { to: 11 };

export const binaryRules: readonly OpRule[] = [
  binary('Add', 'Add', undefined, neutral(0, true)),
  binary('Sub', 'Sub', undefined, neutral(0, false)),
  binary('Multiply', 'Mul', undefined, times),
  binary('RealDiv', 'Div', undefined, neutral(1, false)),
  binary(
    'FloorDiv',
    (g, a, b, dtype) => {
      const [x, y] = dtype === 'int32' ? [g.op('Cast', [a], asDouble), g.op('Cast', [b], asDouble)] : [a, b];
      return g.op('Cast', [g.op('Floor', [g.op('Div', [x, y])])], asInt);
    },
    'int32',
  ),
  binary('Maximum', 'Max'),
  binary('Minimum', 'Min'),
  // The result has the divisor's sign, as in TensorFlow.js; ONNX's Mod does so for integers only.
  binary('Mod', (g, a, b, dtype) =>
    dtype === 'int32'
      ? g.op('Mod', [a, b])
      : g.op('Sub', [a, g.op('Mul', [g.op('Floor', [g.op('Div', [a, b])]), b])]),
  ),
  binary('Pow', 'Pow', undefined, neutral(1, false)),
  binary('SquaredDifference', (g, a, b) => {
    const difference = g.op('Sub', [a, b]);
    return g.op('Mul', [difference, difference]);
  }),
  binary('Greater', 'Greater', 'bool'),
  binary('GreaterEqual', 'GreaterOrEqual', 'bool'),
  binary('Less', 'Less', 'bool'),
  binary('LessEqual', 'LessOrEqual', 'bool'),
  binary('Equal', 'Equal', 'bool', undefined, ANYTHING),
  binary('NotEqual', (g, a, b) => g.op('Not', [g.op('Equal', [a, b])]), 'bool', undefined, ANYTHING),
  binary('LogicalAnd', 'And', 'bool', undefined, ['bool']),
  binary('LogicalOr', 'Or', 'bool', undefined, ['bool']),
];
