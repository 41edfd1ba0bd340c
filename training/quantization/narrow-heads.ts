import type { TensorLiteral } from '../onnx/model-proto.js';
import { isNarrowHead } from '../onnx/narrow-head.js';
import { type EditableGraph, type EditableNode, findConstant } from './editable-graph.js';

/**
 * Writes convolutions of few output channels as transposed ones with the flipped filter, which compute the same sums. y[o, p]
 * = sum over c, k of W[o, c, k] x[c, p + k - before]. They also stay in float, where a depth comes from.
 */
export function transposeNarrowHeads(graph: EditableGraph): void {
  const visit = (inner: EditableGraph, around: readonly EditableGraph[]): void => {
    const scopes = [inner, ...around];
    inner.nodes = inner.nodes.map((node) => {
      for (const body of node.graphs.values()) visit(body, scopes);
      return transposedHead(inner, scopes, node) ?? node;
    });
  };
  visit(graph, []);
}

function transposedHead(
  graph: EditableGraph,
  scopes: readonly EditableGraph[],
  node: EditableNode,
): EditableNode | undefined {
  const { opType, inputs, outputs, attributes } = node;
  const [input = '', filter = '', ...bias] = inputs;
  const weight = findConstant(scopes, filter);
  if (opType !== 'Conv' || weight?.dtype !== 'float32' || weight.shape.length !== 4) return undefined;
  const [channels = 0, , height = 0, width = 0] = weight.shape;
  const plain = ['group', 'strides', 'dilations'].every((name) => isOnes(node, name));
  const automatic = attributes.get('auto_pad');
  if (
    !isNarrowHead(channels, [height, width]) ||
    !plain ||
    (automatic?.kind === 'string' && automatic.value !== 'NOTSET')
  )
    return undefined;
  const given = attributes.get('pads');
  const pads = given?.kind === 'ints' ? given.value.map(Number) : [0, 0, 0, 0];
  const around = pads.map((pad, side) => [height, width][side % 2] - 1 - pad);
  if (around.some((pad) => pad < 0)) return undefined;
  const name = `${outputs[0]}.flipped`;
  graph.constants.set(name, flipped(weight));
  return {
    ...{ name: node.name, opType: 'ConvTranspose', domain: '', graphs: new Map() },
    ...{ inputs: [input, name, ...bias], outputs: [...outputs] },
    attributes: new Map([
      ['kernel_shape', { kind: 'ints', value: [height, width] }],
      ['pads', { kind: 'ints', value: around }],
    ]),
  };
}

function isOnes({ attributes }: EditableNode, name: string): boolean {
  const value = attributes.get(name);
  if (value?.kind === 'int') return Number(value.value) === 1;
  return value?.kind !== 'ints' || value.value.every((each) => Number(each) === 1);
}

/** [O, C, h, w] -> [C, O, h, w], upside down and mirrored. */
function flipped({ shape, data }: TensorLiteral): TensorLiteral {
  const [outputs = 0, inputs = 0, height = 0, width = 0] = shape;
  const taps = height * width;
  const turned = new Float32Array(data.length);
  for (let o = 0; o < outputs; o++) {
    for (let c = 0; c < inputs; c++) {
      for (let k = 0; k < taps; k++)
        turned[(c * outputs + o) * taps + taps - 1 - k] = Number(data[(o * inputs + c) * taps + k]);
    }
  }
  return { dtype: 'float32', shape: [inputs, outputs, height, width], data: turned };
}
