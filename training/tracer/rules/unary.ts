import type { GraphBuilder } from '../../onnx/graph-builder.js';
import { FLOATS, NUMBERS, type OpRule, opRule } from '../lower/op-rule.js';
import type { TraceDtype } from '../trace/trace.js';
import { broadcastType, lowerElementwise } from './elementwise.js';

type Emit = (builder: GraphBuilder, x: string, one: (value: number) => string) => string;

/** A rule for a kernel that maps every element of `x` by itself and has no attributes. */
function unary(
  kernelName: string,
  emit: Emit | string,
  accepts: readonly TraceDtype[] = FLOATS,
  dtype?: TraceDtype,
): OpRule {
  return opRule({
    kernelName,
    accepts,
    uniform: 'elementwise',
    infer: (call) => [broadcastType(call, dtype)],
    lower: ({ inputs: { x }, outputs }, graph) => {
      const one = (value: number): string => graph.scalar(value, x.dtype);
      return [
        lowerElementwise(graph, [x], outputs[0].shape.length, ([operand]) =>
          typeof emit === 'string' ? graph.builder.op(emit, [operand]) : emit(graph.builder, operand, one),
        ),
      ];
    },
  });
}

/** SELU's constants. Source: Klambauer et al. 2017. */
const SELU = {
  alpha: { float: 1.7580993408473768 / 1.0507009873554805 },
  gamma: { float: 1.0507009873554805 },
};

export const unaryRules: readonly OpRule[] = [
  unary('Abs', 'Abs', NUMBERS),
  unary('Acos', 'Acos'),
  unary('Acosh', 'Acosh'),
  unary('Asin', 'Asin'),
  unary('Asinh', 'Asinh'),
  unary('Atan', 'Atan'),
  unary('Atanh', 'Atanh'),
  unary('Ceil', 'Ceil'),
  unary('Cos', 'Cos'),
  unary('Cosh', 'Cosh'),
  unary('Elu', 'Elu'),
  unary('Erf', 'Erf'),
  unary('Exp', 'Exp'),
  unary('Expm1', (g, x, one) => g.op('Sub', [g.op('Exp', [x]), one(1)])),
  unary('Floor', 'Floor'),
  unary(
    'IsFinite',
    (g, x) => g.op('Not', [g.op('Or', [g.op('IsNaN', [x]), g.op('IsInf', [x])])]),
    FLOATS,
    'bool',
  ),
  unary('IsInf', 'IsInf', FLOATS, 'bool'),
  unary('IsNan', 'IsNaN', FLOATS, 'bool'),
  unary('Log', 'Log'),
  unary('Log1p', (g, x, one) => g.op('Log', [g.op('Add', [x, one(1)])])),
  unary('LogicalNot', 'Not', ['bool'], 'bool'),
  unary('Neg', 'Neg', NUMBERS),
  unary('Reciprocal', 'Reciprocal'),
  unary('Relu', 'Relu', NUMBERS),
  unary('Relu6', (g, x, one) => g.op('Clip', [x, one(0), one(6)]), NUMBERS),
  unary('Round', 'Round'),
  unary('Rsqrt', (g, x) => g.op('Reciprocal', [g.op('Sqrt', [x])])),
  unary('Selu', (g, x) => g.op('Selu', [x], SELU)),
  unary('Sigmoid', 'Sigmoid'),
  unary('Sign', 'Sign', NUMBERS),
  unary('Sin', 'Sin'),
  unary('Sinh', 'Sinh'),
  unary('Softplus', 'Softplus'),
  unary('Sqrt', 'Sqrt'),
  unary('Square', (g, x) => g.op('Mul', [x, x]), NUMBERS),
  unary('Tan', 'Tan'),
  unary('Tanh', 'Tanh'),
];
