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
  /** Whether it works on bytes as soon as one input is bytes: the others become bytes for it. */
  readonly oneIsEnough: boolean;
  /** Values that nothing else reads, which therefore take the scale of the output: they are then only moved. */
  readonly followers: readonly string[];
}

const ACTIVATIONS = new Set(['Relu', 'Clip']);
const MIXERS = new Set(['Add', 'Concat']);
/** A filter's: images, whose layout the runtime chooses. */
const FILTER_RANK = 4;
const MOVERS = new Set(['MaxPool', 'Resize']);

/** Finds what can be computed in 8 bits in a graph whose weights are folded. */
export function planQuantization(graph: EditableGraph): QuantizationPlan {
  const convolutions: Convolution[] = [];
  const carriers = new Map<string, Carrier>();
  const readers = countReaders(graph);
  /** Inputs of the nodes that only move values, by output. */
  const moved = new Map<string, string>();
  /** Values with an upper bound, which the runtime finds in the bytes only where these begin at 0. */
  const clipped = new Set<string>();
  const visit = (inner: EditableGraph, around: readonly EditableGraph[]): void => {
    const scopes = [inner, ...around];
    const activationOf = new Map<string, string>();
    for (const { opType, inputs, outputs } of inner.nodes) {
      if (opType === 'Clip') clipped.add(outputs[0] ?? '');
      if (ACTIVATIONS.has(opType) && readers.get(inputs[0] ?? '') === 1)
        activationOf.set(inputs[0] ?? '', outputs[0] ?? '');
    }
    const isConstant = (name: string) => findConstant(scopes, name) !== undefined;
    for (const node of inner.nodes) {
      for (const body of node.graphs.values()) visit(body, scopes);
      const id = node.outputs[0] ?? '';
      const output = activationOf.get(id) ?? id;
      const [input = '', weight = ''] = node.inputs;
      if (node.opType === 'Conv' && isFilter(scopes, weight)) convolutions.push({ id, input, output });
      else if (MIXERS.has(node.opType) && !node.inputs.some(isConstant))
        carriers.set(id, {
          ...{ inputs: node.inputs, output, keepsScale: false },
          ...{ oneIsEnough: node.opType === 'Concat' && output === id },
          followers: node.opType === 'Concat' ? node.inputs.flatMap(followersOf) : [],
        });
      else if (MOVERS.has(node.opType) && node.outputs.length === 1 && movesPlainly(node)) {
        carriers.set(id, {
          ...{ inputs: [input], output: id, keepsScale: true },
          ...{ oneIsEnough: false, followers: [] },
        });
        moved.set(id, input);
      }
    }
  };
  /** A value and all that it is moved from, where nothing else reads them. */
  const followersOf = (name: string): string[] => {
    if (readers.get(name) !== 1 || clipped.has(name)) return [];
    const from = moved.get(name);
    if (from === undefined) return [name];
    const behind = followersOf(from);
    return behind.length === 0 ? [] : [name, ...behind];
  };
  visit(graph, []);
  return { convolutions, carriers };
}

function isFilter(scopes: readonly EditableGraph[], name: string): boolean {
  const constant = findConstant(scopes, name);
  return constant?.dtype === 'float32' && constant.shape.length === FILTER_RANK;
}

/** All values that the plan may round. */
export function valuesOf({ convolutions, carriers }: QuantizationPlan): string[] {
  const names = new Set<string>();
  for (const { input, output } of convolutions) names.add(input).add(output);
  for (const { inputs, output, oneIsEnough } of carriers.values()) {
    const has = (name: string) => names.has(name);
    if (!(oneIsEnough ? inputs.some(has) : inputs.every(has))) continue;
    for (const name of [...inputs, output]) names.add(name);
  }
  return [...names];
}

/** Resize in 8 bits is worth it where pixels are copied; a linear one would round what it mixes. */
function movesPlainly({ opType, attributes }: EditableNode): boolean {
  if (opType !== 'Resize') return true;
  const mode = attributes.get('mode');
  return mode === undefined || (mode.kind === 'string' && mode.value === 'nearest');
}
