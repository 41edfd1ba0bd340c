import { countReaders, type EditableGraph, type EditableNode, findConstant } from './editable-graph.js';

/** A convolution with constant weights, which can be computed in 8 bits. */
export interface Convolution {
  /** Name of its own output, by which it is known. */
  readonly id: string;
  readonly input: string;
  /** What is rounded behind it: its output, or that of the activation that alone reads it. */
  readonly output: string;
}

/** Where values may be 8-bit, before any is chosen to be float. */
export interface QuantizationPlan {
  readonly convolutions: readonly Convolution[];
  /** Nodes beside convolutions that can work on 8-bit values, by output, with the data inputs. */
  readonly carriers: ReadonlyMap<string, Carrier>;
}

export interface Carrier {
  readonly inputs: readonly string[];
  /** What is rounded behind it. */
  readonly output: string;
  /** Whether the output has the scale of the input: values are only chosen, moved or averaged. */
  readonly keepsScale: boolean;
}

const ACTIVATIONS = new Set(['Relu', 'Clip']);
const MIXERS = new Set(['Add', 'Concat']);
const MOVERS = new Set(['MaxPool', 'Resize']);

/** Finds what can be computed in 8 bits in a graph whose weights are folded. */
export function planQuantization(graph: EditableGraph): QuantizationPlan {
  const convolutions: Convolution[] = [];
  const carriers = new Map<string, Carrier>();
  const readers = countReaders(graph);
  const visit = (inner: EditableGraph, around: readonly EditableGraph[]): void => {
    const scopes = [inner, ...around];
    const activationOf = new Map<string, string>();
    for (const { opType, inputs, outputs } of inner.nodes) {
      if (ACTIVATIONS.has(opType) && readers.get(inputs[0] ?? '') === 1)
        activationOf.set(inputs[0] ?? '', outputs[0] ?? '');
    }
    const isConstant = (name: string) => findConstant(scopes, name) !== undefined;
    for (const node of inner.nodes) {
      for (const body of node.graphs.values()) visit(body, scopes);
      const id = node.outputs[0] ?? '';
      const output = activationOf.get(id) ?? id;
      const [input = '', weight = ''] = node.inputs;
      if (node.opType === 'Conv' && isFloatConstant(scopes, weight)) convolutions.push({ id, input, output });
      else if (MIXERS.has(node.opType) && !node.inputs.some(isConstant))
        carriers.set(id, { inputs: node.inputs, output, keepsScale: false });
      else if (MOVERS.has(node.opType) && node.outputs.length === 1 && movesPlainly(node))
        carriers.set(id, { inputs: [input], output: id, keepsScale: true });
    }
  };
  visit(graph, []);
  return { convolutions, carriers };
}

function isFloatConstant(scopes: readonly EditableGraph[], name: string): boolean {
  return findConstant(scopes, name)?.dtype === 'float32';
}

/** Resize in 8 bits is worth it where pixels are copied; a linear one would round what it mixes. */
function movesPlainly({ opType, attributes }: EditableNode): boolean {
  if (opType !== 'Resize') return true;
  const mode = attributes.get('mode');
  return mode === undefined || (mode.kind === 'string' && mode.value === 'nearest');
}
