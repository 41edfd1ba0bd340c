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
 * Makes convolutions whole. Weights that are widened by a `Cast`, reshaped or transposed become float32 constants, as the
 * filters of depthwise convolutions do. A BatchNormalization that alone reads a convolution goes into its weights and bias.
 * W' = W gamma / sqrt(var + eps), b' = (b - mean) gamma / sqrt(var + eps) + beta (per output channel).
 */
export function foldWeights(graph: EditableGraph): void {
  foldConstants(graph, []);
  foldBatchNorms(graph, [], countReaders(graph));
  dropUnreadConstants(graph);
}

function foldConstants(graph: EditableGraph, around: readonly EditableGraph[]): void {
  const scopes = [graph, ...around];
  graph.nodes = graph.nodes.filter((node) => {
    for (const body of node.graphs.values()) foldConstants(body, scopes);
    const folded = folders[node.opType]?.(node, scopes);
    if (folded === undefined) return true;
    graph.constants.set(node.outputs[0] ?? '', folded);
    return false;
  });
}

type Folder = (node: EditableNode, scopes: readonly EditableGraph[]) => TensorLiteral | undefined;

/** What nodes make of constants, by operator; undefined where that is left to the runtime. */
const folders: Readonly<Record<string, Folder | undefined>> = {
  Cast({ inputs: [input = ''], attributes }, scopes) {
    const to = attributes.get('to');
    const constant = findConstant(scopes, input);
    if (to?.kind !== 'int' || Number(to.value) !== FLOAT32 || constant?.dtype !== 'float16') return undefined;
    const { shape, data } = constant;
    return { dtype: 'float32', shape, data: Float32Array.from(data as Uint16Array, halfValue) }; // float16 is its bits
  },
  Reshape(node, scopes) {
    const isWhole = (shape: readonly number[]) => shape.every((extent) => extent > 0);
    return reshaped(node, scopes, (_, shape) => (isWhole(shape) ? shape : undefined));
  },
  Squeeze: (node, scopes) =>
    reshaped(node, scopes, (shape, axes) => {
      const places = axes.map((axis) => (axis < 0 ? axis + shape.length : axis));
      return shape.filter((_, place) => !places.includes(place));
    }),
  Unsqueeze: (node, scopes) =>
    reshaped(node, scopes, (shape, axes) => {
      const rank = shape.length + axes.length;
      const places = axes.map((axis) => (axis < 0 ? axis + rank : axis));
      const rest = [...shape];
      return Array.from({ length: rank }, (_, place) => (places.includes(place) ? 1 : (rest.shift() ?? 1)));
    }),
  Transpose({ inputs: [input = ''], attributes }, scopes) {
    const constant = findConstant(scopes, input);
    const perm = attributes.get('perm');
    if (constant?.dtype !== 'float32' || perm?.kind !== 'ints') return undefined;
    return transposed(constant, perm.value.map(Number));
  },
};

/** The same numbers in another shape. @param to of the shape and what the second input says. */
function reshaped(
  { inputs: [input = '', second = ''] }: EditableNode,
  scopes: readonly EditableGraph[],
  to: (shape: readonly number[], numbers: readonly number[]) => readonly number[] | undefined,
): TensorLiteral | undefined {
  const constant = findConstant(scopes, input);
  const numbers = [...(findConstant(scopes, second)?.data ?? [])].map(Number);
  if (constant?.dtype !== 'float32' || numbers.length === 0) return undefined;
  const shape = to(constant.shape, numbers);
  return shape && { ...constant, shape: [...shape] };
}

function transposed({ shape, data }: TensorLiteral, perm: readonly number[]): TensorLiteral {
  const steps = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((product, extent) => product * extent, 1),
  );
  const outShape = perm.map((axis) => shape[axis] ?? 1);
  const outSteps = perm.map((axis) => steps[axis] ?? 0);
  const out = new Float32Array(data.length);
  const place = outShape.map(() => 0);
  for (let i = 0, from = 0; i < out.length; i++) {
    out[i] = Number(data[from]);
    for (let axis = place.length - 1; axis >= 0; axis--) {
      from += outSteps[axis];
      if (++place[axis] < outShape[axis]) break;
      from -= outSteps[axis] * outShape[axis];
      place[axis] = 0;
    }
  }
  return { dtype: 'float32', shape: outShape, data: out };
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
