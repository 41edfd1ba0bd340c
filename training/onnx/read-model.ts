import { TrainingError } from '../errors.js';
import type { Attribute, Dimension, Initializer, Node } from './model-proto.js';
import { ProtobufMessage } from './protobuf-reader.js';
import { readTensor, unreadableType } from './read-tensor.js';

/** An input or output of a graph. */
export interface ForeignValue {
  readonly name: string;
  /** TensorProto.DataType; undefined when the file does not say, or when it is no tensor. */
  readonly elementType: number | undefined;
  /** Undefined when the rank is unknown; '?' for an extent without number and name. */
  readonly shape: readonly Dimension[] | undefined;
}

/** A node as it stands in a file; subgraphs are in `graphs`, references to a function's attributes in `references`. */
export interface ForeignNode extends Node {
  /** Which of several functions of one name is called. */
  readonly overload?: string;
  readonly graphs: readonly (readonly [name: string, graph: ForeignGraph])[];
  /** Name of the attribute here, and of the function's attribute that gives its value. */
  readonly references: readonly (readonly [name: string, of: string])[];
  /** Why it cannot be carried over: told only where it is needed. */
  readonly unreadable?: string;
}

export interface ForeignGraph {
  readonly name: string;
  readonly nodes: readonly ForeignNode[];
  readonly initializers: readonly Initializer[];
  /** Constants of types that cannot be carried over, and why: told only where they are needed. */
  readonly unreadable: ReadonlyMap<string, string>;
  readonly inputs: readonly ForeignValue[];
  readonly outputs: readonly ForeignValue[];
}

/** A function of the model's own, which nodes call by its domain and name. */
export interface ForeignFunction {
  readonly domain: string;
  readonly name: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes without and with a default. */
  readonly attributes: readonly string[];
  readonly defaults: readonly (readonly [string, Attribute])[];
  readonly nodes: readonly ForeignNode[];
  readonly opsets: ReadonlyMap<string, number>;
}

/** An ONNX model of any origin. */
export interface ForeignModel {
  /** `pytorch 2.15.0` */
  readonly producer: string;
  /** Domain to version; '' is the ONNX domain. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: ForeignGraph;
  readonly functions: readonly ForeignFunction[];
}

/**
 * Reads an ONNX ModelProto. Tensors in files beside it stay there (`ExternalData`).
 * Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 * @param source name of the file, for messages.
 * @throws TrainingError when it is no ONNX model, or has something that cannot be carried over, by name.
 */
export function readModel(bytes: Uint8Array, source: string): ForeignModel {
  try {
    const model = new ProtobufMessage(bytes);
    const graph = model.message(7);
    const opsets = readOpsets(model, 8);
    if (graph === undefined || opsets.size === 0) throw new TrainingError('it has no graph and operator set');
    return {
      producer: `${model.string(2)} ${model.string(3)}`.trim(),
      opsets,
      graph: readGraph(graph, 0),
      functions: model.messages(25).map(readFunction),
    };
  } catch (cause) {
    if (!(cause instanceof TrainingError)) throw cause;
    throw new TrainingError(`${source} is no usable ONNX model: ${cause.message}.`, { cause });
  }
}

/** `ai.onnx` is another name of the ONNX domain. */
function domainOf(name: string): string {
  return name === 'ai.onnx' ? '' : name;
}

function readOpsets(message: ProtobufMessage, field: number): Map<string, number> {
  return new Map(message.messages(field).map((opset) => [domainOf(opset.string(1)), opset.integer(2)]));
}

/** Graphs in graphs that are read; loops and branches of real networks are nested a few times. */
const DEEPEST_GRAPH = 32;

function readGraph(message: ProtobufMessage, depth: number): ForeignGraph {
  if (depth > DEEPEST_GRAPH)
    throw new TrainingError(`its graphs are nested more than ${DEEPEST_GRAPH} deep, which is not read`);
  const name = message.string(2);
  if (message.has(15)) throw new TrainingError(`graph ${name} has \`sparse\` initializers`);
  const tensors = message.messages(5).map((tensor) => ({ tensor, unreadable: unreadableType(tensor) }));
  return {
    name,
    nodes: message.messages(1).map((node) => readNode(node, depth)),
    initializers: tensors.flatMap(({ tensor, unreadable }) =>
      unreadable === undefined ? [readTensor(tensor)] : [],
    ),
    unreadable: new Map(
      tensors.flatMap(({ tensor, unreadable }) =>
        unreadable === undefined ? [] : [[tensor.string(8), unreadable]],
      ),
    ),
    inputs: message.messages(11).map(readValue),
    outputs: message.messages(12).map(readValue),
  };
}

function readFunction(message: ProtobufMessage): ForeignFunction {
  return {
    name: message.string(1),
    inputs: message.strings(4),
    outputs: message.strings(5),
    attributes: message.strings(6),
    nodes: message.messages(7).map((node) => readNode(node, 0)),
    opsets: readOpsets(message, 9),
    domain: domainOf(message.string(10)),
    defaults: message.messages(11).map((attribute) => [attribute.string(1), plainAttribute(attribute)]),
    overload: message.string(13),
  };
}

function readNode(message: ProtobufMessage, depth: number): ForeignNode {
  const attributes: (readonly [string, Attribute])[] = [];
  const graphs: (readonly [string, ForeignGraph])[] = [];
  const references: (readonly [string, string])[] = [];
  let unreadable: string | undefined;
  for (const attribute of message.messages(5)) {
    const name = attribute.string(1);
    const graph = attribute.message(6);
    const tensor = attribute.message(5);
    unreadable ??= tensor && unreadableType(tensor);
    if (tensor !== undefined && unreadableType(tensor) !== undefined) continue;
    if (attribute.string(21) !== '') references.push([name, attribute.string(21)]);
    else if (graph !== undefined) graphs.push([name, readGraph(graph, depth + 1)]);
    else attributes.push([name, plainAttribute(attribute)]);
  }
  return {
    inputs: message.strings(1),
    outputs: message.strings(2),
    name: message.string(3),
    opType: message.string(4),
    domain: domainOf(message.string(7)),
    ...(message.string(8) !== '' && { overload: message.string(8) }),
    attributes,
    graphs,
    references,
    ...(unreadable !== undefined && { unreadable }),
  };
}

/** AttributeProto.AttributeType. */
const [FLOAT, INT, STRING, TENSOR, FLOATS, INTS, STRINGS] = [1, 2, 3, 4, 6, 7, 8];

function plainAttribute(message: ProtobufMessage): Attribute {
  const name = message.string(1);
  // Files of format version 1 give no type: what is there tells it.
  const type = message.integer(20) || typeByField(message);
  switch (type) {
    case FLOAT:
      return { kind: 'float', value: message.floats(2).at(-1) ?? 0 };
    case INT:
      return { kind: 'int', value: message.integers(3).at(-1) ?? 0n };
    case STRING:
      return { kind: 'string', value: message.string(4) };
    case TENSOR: {
      const tensor = message.message(5);
      if (tensor === undefined) throw new TrainingError(`attribute \`${name}\` has no tensor`);
      const { dtype, shape, source } = readTensor(tensor);
      if (!ArrayBuffer.isView(source))
        throw new TrainingError(`the tensor of attribute \`${name}\` lies in another file`);
      return { kind: 'tensor', value: { dtype, shape, data: source } };
    }
    case FLOATS:
      return { kind: 'floats', value: [...message.floats(7)] };
    case INTS:
      return { kind: 'ints', value: message.integers(8) };
    case STRINGS:
      return { kind: 'strings', value: message.strings(9) };
    default:
      throw new TrainingError(
        `attribute \`${name}\` has type ${type}; expected numbers, strings, one tensor or one graph`,
      );
  }
}

function typeByField(message: ProtobufMessage): number {
  const fields = [
    [2, FLOAT],
    [3, INT],
    [4, STRING],
    [5, TENSOR],
    [7, FLOATS],
    [8, INTS],
    [9, STRINGS],
  ] as const;
  return fields.find(([field]) => message.has(field))?.[1] ?? 0;
}

function readValue(message: ProtobufMessage): ForeignValue {
  const tensor = message.message(2)?.message(1);
  const shape = tensor?.message(2);
  return {
    name: message.string(1),
    elementType: tensor?.integer(1),
    shape: shape?.messages(1).map((dimension) => {
      if (dimension.has(1)) return dimension.integer(1);
      return dimension.string(2) === '' ? '?' : dimension.string(2);
    }),
  };
}
