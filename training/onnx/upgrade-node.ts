import { TrainingError } from '../errors.js';
import type { GraphBuilder } from './graph-builder.js';
import type { Attribute } from './model-proto.js';
import { scalar, vector } from './shape-ops.js';

/** The oldest operator set that is read: since 7 operands are broadcast as they are today. */
export const OLDEST_OPSET = 7;

/** A node with its operands already in the graph that it goes into. */
export interface NodeToUpgrade {
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** Which outputs are there. */
  readonly outputs: readonly boolean[];
  /** Whether the network computes in half precision, for constants that have to be of its type. */
  readonly half: boolean;
}

interface Upgrade {
  /** The operator's meaning changed with this version of the operator set. */
  readonly changedIn: number;
  /** Adds the same in today's form and returns the outputs. */
  readonly rewrite: (g: GraphBuilder, node: NodeToUpgrade) => string[];
}

/**
 * Adds a node of an older operator set in the form of a newer one.
 * @returns the names of its outputs, or undefined when the operator has not changed between the two versions.
 * @throws TrainingError when the newer form cannot express it.
 */
export function upgradeNode(
  g: GraphBuilder,
  node: NodeToUpgrade,
  from: number,
  to: number,
): string[] | undefined {
  const upgrade = UPGRADES[node.opType]?.find(({ changedIn }) => from < changedIn && changedIn <= to);
  return upgrade?.rewrite(g, node);
}

/** Upgrades by operator: only changes that a file of an older version needs. Source: ONNX, Operator Changelog. */
const UPGRADES: Readonly<Record<string, readonly Upgrade[]>> = {
  Upsample: [{ changedIn: 10, rewrite: upsample }],
  Resize: [{ changedIn: 11, rewrite: (g, node) => resize(g, node, node.inputs[1] ?? '') }],
  Clip: [{ changedIn: 11, rewrite: clip }],
  Pad: [{ changedIn: 11, rewrite: pad }],
  Slice: [{ changedIn: 10, rewrite: slice }],
  Squeeze: [{ changedIn: 13, rewrite: axesAsInput }],
  Unsqueeze: [{ changedIn: 13, rewrite: axesAsInput }],
  ReduceSum: [{ changedIn: 13, rewrite: axesAsInput }],
  ...Object.fromEntries(
    ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'].map((name) => [
      `Reduce${name}`,
      [{ changedIn: 18, rewrite: axesAsInput }],
    ]),
  ),
  Split: [
    { changedIn: 13, rewrite: split },
    { changedIn: 18, rewrite: split },
  ],
  Softmax: [{ changedIn: 13, rewrite: flattened }],
  LogSoftmax: [{ changedIn: 13, rewrite: flattened }],
  Hardmax: [{ changedIn: 13, rewrite: flattened }],
  Dropout: [{ changedIn: 12, rewrite: dropout }],
  BatchNormalization: [
    { changedIn: 9, rewrite: batchNormalization },
    { changedIn: 14, rewrite: batchNormalization },
  ],
  Scatter: [
    {
      changedIn: 11,
      rewrite: (g, node) => adopt(g, { node, opType: 'ScatterElements', inputs: node.inputs, without: [] }),
    },
  ],
  TopK: [{ changedIn: 10, rewrite: topK }],
  GridSample: [{ changedIn: 20, rewrite: gridSample }],
  GroupNormalization: [{ changedIn: 21, rewrite: cannot('with one scale a group') }],
};

/** Adds the operator with the node's attributes, but for those that became something else. */
function adopt(
  g: GraphBuilder,
  {
    node,
    opType,
    inputs,
    without,
    added = [],
  }: {
    readonly node: NodeToUpgrade;
    readonly opType: string;
    readonly inputs: readonly string[];
    readonly without: readonly string[];
    readonly added?: readonly (readonly [string, Attribute])[];
  },
): string[] {
  const kept = [...node.attributes].filter(([name]) => !without.includes(name));
  return g.adopt({ domain: '', opType, version: 1 }, inputs, [...kept, ...added], node.outputs);
}

function ints({ attributes }: NodeToUpgrade, name: string): number[] | undefined {
  const attribute = attributes.get(name);
  return attribute?.kind === 'ints' ? attribute.value.map(bounded) : undefined;
}

/** PyTorch writes the end of `x[1:]` as 2^63 - 1, which no double holds: what is beyond those that it does is without end, too. */
function bounded(value: bigint | number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(value)));
}

function int({ attributes }: NodeToUpgrade, name: string): number | undefined {
  const attribute = attributes.get(name);
  return attribute?.kind === 'int' ? Number(attribute.value) : undefined;
}

function float({ attributes }: NodeToUpgrade, name: string): number | undefined {
  const attribute = attributes.get(name);
  return attribute?.kind === 'float' ? attribute.value : undefined;
}

/** A number as a scalar of the operand's type. */
function like(g: GraphBuilder, { half, inputs }: NodeToUpgrade, value: number): string {
  const constant = g.constant([value], 'float32', []);
  return half ? g.op('CastLike', [constant, inputs[0] ?? '']) : constant;
}

function upsample(g: GraphBuilder, node: NodeToUpgrade): string[] {
  const scales = node.attributes.get('scales');
  const given =
    scales?.kind === 'floats' ? g.constant(scales.value, 'float32', [scales.value.length]) : undefined;
  return resize(g, node, given ?? node.inputs[1] ?? '');
}

/**
 * Before 11 there was one way to map coordinates, and nearest rounded down, as in the frameworks that such files come from.
 * (onnxruntime rounds up where such an old node shrinks, which the operator does not say.)
 */
function resize(g: GraphBuilder, node: NodeToUpgrade, scales: string): string[] {
  const text = (value: string): Attribute => ({ kind: 'string', value });
  return adopt(g, {
    node,
    opType: 'Resize',
    inputs: [node.inputs[0] ?? '', '', scales],
    without: ['scales'],
    added: [
      ['coordinate_transformation_mode', text('asymmetric')],
      ['nearest_mode', text('floor')],
    ],
  });
}

function clip(g: GraphBuilder, node: NodeToUpgrade): string[] {
  const bound = (name: string) => {
    const value = float(node, name);
    return value === undefined ? '' : like(g, node, value);
  };
  return adopt(g, {
    node,
    opType: 'Clip',
    inputs: [node.inputs[0] ?? '', bound('min'), bound('max')],
    without: ['min', 'max'],
  });
}

function pad(g: GraphBuilder, node: NodeToUpgrade): string[] {
  const value = float(node, 'value');
  const inputs = [node.inputs[0] ?? '', vector(g, ints(node, 'pads') ?? [])];
  if (value !== undefined && value !== 0) inputs.push(like(g, node, value));
  return adopt(g, { node, opType: 'Pad', inputs, without: ['pads', 'value'] });
}

function slice(g: GraphBuilder, node: NodeToUpgrade): string[] {
  const starts = ints(node, 'starts') ?? [];
  const axes = ints(node, 'axes') ?? starts.map((_, i) => i);
  const lists = [starts, ints(node, 'ends') ?? [], axes].map((values) => vector(g, values));
  return adopt(g, {
    node,
    opType: 'Slice',
    inputs: [node.inputs[0] ?? '', ...lists],
    without: ['starts', 'ends', 'axes'],
  });
}

function axesAsInput(g: GraphBuilder, node: NodeToUpgrade): string[] {
  const axes = ints(node, 'axes');
  const inputs = [node.inputs[0] ?? '', ...(axes === undefined ? [] : [vector(g, axes)])];
  return adopt(g, { node, opType: node.opType, inputs, without: ['axes'] });
}

function split(g: GraphBuilder, node: NodeToUpgrade): string[] {
  const [data = '', given = ''] = node.inputs;
  const sizes = ints(node, 'split');
  const parts = sizes === undefined ? given : vector(g, sizes);
  if (parts !== '') return adopt(g, { node, opType: 'Split', inputs: [data, parts], without: ['split'] });
  const count: Attribute = { kind: 'int', value: node.outputs.length };
  return adopt(g, {
    node,
    opType: 'Split',
    inputs: [data],
    without: ['split'],
    added: [['num_outputs', count]],
  });
}

/** Before 13 the operand was taken as a matrix whose columns are all axes from `axis` on. */
function flattened(g: GraphBuilder, node: NodeToUpgrade): string[] {
  const [data = ''] = node.inputs;
  const matrix = g.op('Flatten', [data], { axis: int(node, 'axis') ?? 1 });
  return [g.op('Reshape', [g.op(node.opType, [matrix], { axis: -1 }), g.op('Shape', [data])])];
}

/** Outside of training it changes nothing. */
function dropout(g: GraphBuilder, node: NodeToUpgrade): string[] {
  if (node.outputs[1]) throw new TrainingError('Dropout with a mask cannot be carried over');
  return [g.op('Identity', node.inputs.slice(0, 1))];
}

function batchNormalization(g: GraphBuilder, node: NodeToUpgrade): string[] {
  if (node.outputs.slice(1).some(Boolean))
    throw new TrainingError(
      'BatchNormalization that still computes its statistics cannot be carried over; export the model in evaluation mode',
    );
  if (int(node, 'spatial') === 0)
    throw new TrainingError('BatchNormalization with statistics for every pixel cannot be carried over');
  return adopt(g, {
    node: { ...node, outputs: [true] },
    opType: 'BatchNormalization',
    inputs: node.inputs,
    without: ['spatial'],
  });
}

function topK(g: GraphBuilder, node: NodeToUpgrade): string[] {
  const count = g.op('Unsqueeze', [scalar(g, int(node, 'k') ?? 1), vector(g, [0])]);
  return adopt(g, { node, opType: 'TopK', inputs: [node.inputs[0] ?? '', count], without: ['k'] });
}

function gridSample(g: GraphBuilder, node: NodeToUpgrade): string[] {
  const mode = node.attributes.get('mode');
  const old = mode?.kind === 'string' ? mode.value : 'bilinear';
  const value = { bilinear: 'linear', bicubic: 'cubic' }[old] ?? old;
  return adopt(g, {
    node,
    opType: 'GridSample',
    inputs: node.inputs,
    without: ['mode'],
    added: [['mode', { kind: 'string', value }]],
  });
}

function cannot(what: string): Upgrade['rewrite'] {
  return (_, { opType }) => {
    throw new TrainingError(
      `${opType} ${what}, as of its old operator set, cannot be carried over; export the model with a newer one`,
    );
  };
}
