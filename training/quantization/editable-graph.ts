import { TrainingError } from '../errors.js';
import {
  type Attribute,
  encodeModel,
  type Graph,
  type Initializer,
  type Node,
  type TensorLiteral,
  type ValueInfo,
} from '../onnx/model-proto.js';
import type { OnnxFile } from '../onnx/onnx-file.js';
import type { ForeignGraph, ForeignNode, ForeignValue } from '../onnx/read-model.js';
import { elementTypeOf } from '../onnx/read-tensor.js';
import type { TensorArray } from '../onnx/tensor-data.js';

/** A node whose inputs and outputs can be renamed. */
export interface EditableNode {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  inputs: string[];
  outputs: string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** Branches of an `If`, bodies of loops, by attribute. */
  readonly graphs: ReadonlyMap<string, EditableGraph>;
}

/** An ONNX graph with all its numbers at hand. Every value has one name in the graph and the graphs inside it. */
export interface EditableGraph {
  readonly name: string;
  nodes: EditableNode[];
  readonly constants: Map<string, TensorLiteral>;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** An editable copy of a file's graph. @throws TrainingError for models with functions, or values of one name. */
export function editableGraph({ file, model, external }: OnnxFile): EditableGraph {
  if (model.functions.length > 0)
    throw new TrainingError(
      `${file} has functions of its own; import it with \`rxdepth model import\` first.`,
      { file },
    );
  const seen = new Set<string>();
  const claim = (name: string): string => {
    if (seen.has(name)) throw new TrainingError(`${file} has two values of the name \`${name}\`.`, { file });
    seen.add(name);
    return name;
  };
  const graphOf = (graph: ForeignGraph): EditableGraph => {
    const constants = new Map<string, TensorLiteral>();
    for (const initializer of graph.initializers) {
      const { name, dtype, shape, source } = external.get(initializer) ?? initializer;
      constants.set(claim(name), { dtype, shape, data: source as TensorArray }); // `external` has what lay elsewhere
    }
    return {
      name: graph.name,
      constants,
      inputs: graph.inputs.map(valueInfo),
      nodes: graph.nodes.map(nodeOf),
      outputs: graph.outputs.map(valueInfo),
    };
  };
  const nodeOf = (node: ForeignNode): EditableNode => ({
    name: node.name,
    opType: node.opType,
    domain: node.domain,
    inputs: [...node.inputs],
    outputs: node.outputs.map((name) => (name === '' ? name : claim(name))),
    attributes: new Map(node.attributes),
    graphs: new Map(node.graphs.map(([attribute, graph]) => [attribute, graphOf(graph)])),
  });
  return graphOf(model.graph);
}

/** The graph as an ONNX file. */
export function encodeGraph(
  graph: EditableGraph,
  opsets: ReadonlyMap<string, number>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  return encodeModel({ graph: protoOf(graph), opsets, metadata });
}

/** Every node of the graph and of the graphs inside it, in order. */
export function* allNodes(graph: EditableGraph): Generator<{ node: EditableNode; graph: EditableGraph }> {
  for (const node of graph.nodes) {
    yield { node, graph };
    for (const inner of node.graphs.values()) yield* allNodes(inner);
  }
}

/** A constant that a node of `graph` reads: its own, or one of the graphs around it. */
export function findConstant(graphs: readonly EditableGraph[], name: string): TensorLiteral | undefined {
  for (const { constants } of graphs) {
    const found = constants.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** How often every value is read, by nodes at any depth and as an output. */
export function countReaders(graph: EditableGraph): Map<string, number> {
  const readers = new Map<string, number>();
  const add = (name: string) => readers.set(name, (readers.get(name) ?? 0) + 1);
  const visit = (inner: EditableGraph): void => {
    for (const { name } of inner.outputs) add(name);
    for (const node of inner.nodes) {
      for (const name of node.inputs) add(name);
      for (const body of node.graphs.values()) visit(body);
    }
  };
  visit(graph);
  return readers;
}

/** Removes nodes whose outputs nothing reads, which a runtime would compute, and constants that nothing reads then. */
export function dropUnread(graph: EditableGraph): void {
  const readers = countReaders(graph);
  const visit = (inner: EditableGraph): void => {
    inner.nodes = inner.nodes
      .toReversed()
      .filter((node) => {
        for (const body of node.graphs.values()) visit(body);
        if (node.outputs.some((name) => readers.has(name))) return true;
        for (const name of namesRead(node)) {
          const count = readers.get(name) ?? 0;
          if (count > 1) readers.set(name, count - 1);
          else readers.delete(name);
        }
        return false;
      })
      .toReversed();
  };
  visit(graph);
  dropUnreadConstants(graph);
}

/** What a node reads, in the graphs inside of it too. */
export function namesRead(node: EditableNode): string[] {
  const inner = [...node.graphs.values()].flatMap((body) => [
    ...body.outputs.map(({ name }) => name),
    ...body.nodes.flatMap(namesRead),
  ]);
  return [...node.inputs, ...inner];
}

/** Removes constants that nothing reads. */
export function dropUnreadConstants(graph: EditableGraph): void {
  const readers = countReaders(graph);
  const visit = (inner: EditableGraph): void => {
    for (const name of [...inner.constants.keys()]) if (!readers.has(name)) inner.constants.delete(name);
    for (const node of inner.nodes) for (const body of node.graphs.values()) visit(body);
  };
  visit(graph);
}

function valueInfo({ name, elementType, shape }: ForeignValue): ValueInfo {
  const dtype = elementTypeOf(elementType);
  return dtype === undefined || shape === undefined ? { name } : { name, type: { dtype, shape } };
}

function protoOf({ name, nodes, constants, inputs, outputs }: EditableGraph): Graph {
  return {
    name,
    nodes: nodes.map(nodeProto),
    initializers: [...constants].map(
      ([constant, { dtype, shape, data }]): Initializer => ({ name: constant, dtype, shape, source: data }),
    ),
    inputs,
    outputs,
  };
}

function nodeProto({ name, opType, domain, inputs, outputs, attributes, graphs }: EditableNode): Node {
  const bodies = [...graphs].map(
    ([attribute, graph]) => [attribute, { kind: 'graph', value: protoOf(graph) }] as const,
  );
  return { name, opType, domain, inputs, outputs, attributes: [...attributes, ...bodies] };
}
