import type { TensorLiteral } from '../onnx/model-proto.js';
import { halfValue } from '../weights/half.js';
import {
  countReaders,
  dropUnreadConstants,
  type EditableGraph,
  type EditableNode,
  findConstant,
} from './editable-graph.js';

const FLOAT32 = 1;

/**
 * Makes convolutions whole: weights that are widened by a `Cast` become float32 constants, and a BatchNormalization that
 * alone reads a convolution goes into its weights and bias:
 * W' = W gamma / sqrt(var + eps), b' = (b - mean) gamma / sqrt(var + eps) + beta (per output channel).
 */
export function foldWeights(graph: EditableGraph): void {
  widenConstants(graph, []);
  foldBatchNorms(graph, [], countReaders(graph));
  dropUnreadConstants(graph);
}

function widenConstants(graph: EditableGraph, around: readonly EditableGraph[]): void {
  const scopes = [graph, ...around];
  graph.nodes = graph.nodes.filter((node) => {
    for (const body of node.graphs.values()) widenConstants(body, scopes);
    const [input = '', output = ''] = [node.inputs[0], node.outputs[0]];
    const to = node.attributes.get('to');
    if (node.opType !== 'Cast' || to?.kind !== 'int' || Number(to.value) !== FLOAT32) return true;
    const constant = findConstant(scopes, input);
    if (constant?.dtype !== 'float16') return true;
    const { shape, data } = constant;
    graph.constants.set(output, {
      dtype: 'float32',
      shape,
      data: Float32Array.from(data as Uint16Array, halfValue), // float16 is its bits
    });
    return false;
  });
}

function foldBatchNorms(
  graph: EditableGraph,
  around: readonly EditableGraph[],
  readers: ReadonlyMap<string, number>,
): void {
  const scopes = [graph, ...around];
  const convolutions = new Map<string, EditableNode>();
  graph.nodes = graph.nodes.filter((node) => {
    for (const body of node.graphs.values()) foldBatchNorms(body, scopes, readers);
    if (node.opType === 'Conv') convolutions.set(node.outputs[0] ?? '', node);
    if (node.opType !== 'BatchNormalization') return true;
    const [input = '', ...parameters] = node.inputs;
    const convolution = convolutions.get(input);
    if (convolution === undefined || readers.get(input) !== 1) return true;
    const folded = fold(convolution, node, scopes, parameters);
    if (folded === undefined) return true;
    const names = { weight: `${convolution.outputs[0]}.weight`, bias: `${convolution.outputs[0]}.bias` };
    graph.constants.set(names.weight, folded.weight);
    graph.constants.set(names.bias, folded.bias);
    convolution.inputs = [convolution.inputs[0] ?? '', names.weight, names.bias];
    convolution.outputs = [...node.outputs.slice(0, 1)];
    convolutions.delete(input);
    convolutions.set(node.outputs[0] ?? '', convolution);
    return false;
  });
}

function fold(
  convolution: EditableNode,
  { attributes }: EditableNode,
  scopes: readonly EditableGraph[],
  parameters: readonly string[],
): { weight: TensorLiteral; bias: TensorLiteral } | undefined {
  const numbers = (name: string | undefined) => {
    const found = name === undefined ? undefined : findConstant(scopes, name);
    return found?.dtype === 'float32' ? found : undefined;
  };
  const weight = numbers(convolution.inputs[1]);
  const [gamma, beta, mean, variance] = parameters.map(numbers);
  if (
    weight === undefined ||
    gamma === undefined ||
    beta === undefined ||
    mean === undefined ||
    variance === undefined
  )
    return undefined;
  const old = numbers(convolution.inputs[2]);
  if (old === undefined && (convolution.inputs[2] ?? '') !== '') return undefined;
  const given = attributes.get('epsilon');
  const epsilon = given?.kind === 'float' ? given.value : 1e-5;
  const channels = weight.shape[0] ?? 0;
  const each = weight.data.length / channels;
  const scaled = Float32Array.from<number | bigint>(weight.data, Number);
  const bias = new Float32Array(channels);
  for (let o = 0; o < channels; o++) {
    const factor = Number(gamma.data[o]) / Math.sqrt(Number(variance.data[o]) + epsilon);
    for (let i = o * each; i < (o + 1) * each; i++) scaled[i] *= factor;
    bias[o] = (Number(old?.data[o] ?? 0) - Number(mean.data[o])) * factor + Number(beta.data[o]);
  }
  return {
    weight: { dtype: 'float32', shape: weight.shape, data: scaled },
    bias: { dtype: 'float32', shape: [channels], data: bias },
  };
}
