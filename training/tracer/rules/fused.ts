import { TrainingError } from '../../errors.js';
import type { Lowered } from '../lower/lowered.js';
import type { Lowering } from '../lower/lowering.js';
import { FLOATS, type OpRule, opRule } from '../lower/op-rule.js';
import type { TraceNode, Value } from '../trace/trace.js';
import { type ConvAttributes, convGeometry } from './conv-geometry.js';
import { conv2dRule } from './conv2d.js';
import { lowerElementwise } from './elementwise.js';
import { batchMatMulRule } from './mat-mul.js';

interface Activation {
  readonly activation?: string | null;
  readonly leakyreluAlpha?: number;
}

/** ONNX ops of the activations that TensorFlow.js fuses. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: 'Relu',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  leakyrelu: 'LeakyRelu',
};

/** What TensorFlow.js computes in one kernel: `product`, plus bias, through the activation. onnxruntime fuses again. */
function finish(graph: Lowering, node: TraceNode<Activation>, product: Lowered): Lowered {
  const g = graph.builder;
  const { bias, preluActivationWeights: slope } = node.inputs;
  const [output] = node.outputs;
  const rank = output.shape.length;
  let result: Value = graph.temporary(output, product);
  if (bias !== undefined) {
    const sum = lowerElementwise(graph, [result, bias], rank, (operands) => g.op('Add', operands));
    result = graph.temporary(output, sum);
  }
  const activation = node.attributes.activation ?? 'linear';
  if (activation === 'linear') return graph.lowered(result);
  if (activation === 'prelu') {
    return lowerElementwise(graph, [result, slope], rank, (operands) => g.op('PRelu', operands));
  }
  return lowerElementwise(graph, [result], rank, ([x]) => {
    if (activation === 'relu6') return g.op('Clip', [x, graph.scalar(0), graph.scalar(6)]);
    const op = ACTIVATIONS[activation];
    if (op === undefined) {
      throw new TrainingError(`${node.opName}: the fused activation \`${activation}\` cannot be traced`);
    }
    const alpha = node.attributes.leakyreluAlpha ?? 0.2;
    return g.op(op, [x], activation === 'leakyrelu' ? { alpha: { float: alpha } } : {});
  });
}

export const fusedRules: readonly OpRule[] = [
  opRule<ConvAttributes & Activation>({
    kernelName: 'FusedConv2D',
    accepts: FLOATS,
    infer: ({ opName, inputs: { x, filter }, attributes }) => [
      { shape: convGeometry(opName, x.shape, filter.shape, attributes).outShape, dtype: x.dtype },
    ],
    lower: (node, graph) => [finish(graph, node, conv2dRule.lower(node, graph)[0])],
  }),
  opRule<{ transposeA: boolean; transposeB: boolean } & Activation>({
    kernelName: '_FusedMatMul',
    accepts: FLOATS,
    infer: (call) => batchMatMulRule.infer(call),
    lower: (node, graph) => [finish(graph, node, batchMatMulRule.lower(node, graph)[0])],
  }),
];
