import { ProtobufWriter } from './protobuf-writer.js';
import { bytesOf, ELEMENT_TYPES, type ElementType, type TensorArray } from './tensor-data.js';

/** A dimension: its extent, a name for one that is known only at run time, or `?` for one that has no name either. */
export type Dimension = number | string;

export interface TensorLiteral {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly data: TensorArray;
}

/** Where ONNX external data lies: a file name relative to the model, and a byte range in it. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

export interface Initializer {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  readonly source: TensorArray | ExternalData;
}

export interface ValueInfo {
  readonly name: string;
  /** Absent for the outputs of a subgraph, whose types the runtime infers. */
  readonly type?: { readonly dtype: ElementType; readonly shape: readonly Dimension[] };
}

/** A typed node attribute, tagged with the ONNX attribute type. */
export type Attribute =
  | { readonly kind: 'int'; readonly value: number | bigint }
  | { readonly kind: 'ints'; readonly value: readonly (number | bigint)[] }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: TensorLiteral }
  | { readonly kind: 'graph'; readonly value: Graph };

export interface Node {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly (readonly [string, Attribute])[];
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

export interface Model {
  readonly graph: Graph;
  /** Domain to opset version; '' is the ONNX domain. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Version 10 of the file format is the newest that onnxruntime 1.18 and later all read. */
const IR_VERSION = 10;
const EXTERNAL = 1;

/** Serializes a model. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
export function encodeModel(model: Model): Uint8Array {
  const writer = new ProtobufWriter();
  writer.integer(1, IR_VERSION);
  writer.string(2, 'rxdepth');
  writer.message(7, (graph) => writeGraph(graph, model.graph));
  for (const [domain, version] of model.opsets) {
    writer.message(8, (opset) => {
      opset.string(1, domain);
      opset.integer(2, version);
    });
  }
  for (const [key, value] of Object.entries(model.metadata)) writeEntry(writer, 14, key, value);
  return writer.finish();
}

function writeGraph(writer: ProtobufWriter, graph: Graph): void {
  for (const node of graph.nodes) writer.message(1, (inner) => writeNode(inner, node));
  writer.string(2, graph.name);
  for (const tensor of graph.initializers) writer.message(5, (inner) => writeInitializer(inner, tensor));
  for (const value of graph.inputs) writer.message(11, (inner) => writeValueInfo(inner, value));
  for (const value of graph.outputs) writer.message(12, (inner) => writeValueInfo(inner, value));
}

function writeNode(writer: ProtobufWriter, node: Node): void {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  writer.string(3, node.name);
  writer.string(4, node.opType);
  for (const [name, attribute] of node.attributes) {
    writer.message(5, (inner) => writeAttribute(inner, name, attribute));
  }
  if (node.domain !== '') writer.string(7, node.domain);
}

function writeAttribute(writer: ProtobufWriter, name: string, attribute: Attribute): void {
  writer.string(1, name);
  const type = 20;
  switch (attribute.kind) {
    case 'float':
      writer.float(2, attribute.value);
      writer.integer(type, 1);
      break;
    case 'int':
      writer.integer(3, attribute.value);
      writer.integer(type, 2);
      break;
    case 'string':
      writer.string(4, attribute.value);
      writer.integer(type, 3);
      break;
    case 'tensor': {
      const { dtype, shape, data } = attribute.value;
      writer.message(5, (inner) => writeInitializer(inner, { name, dtype, shape, source: data }));
      writer.integer(type, 4);
      break;
    }
    case 'graph':
      writer.message(6, (inner) => writeGraph(inner, attribute.value));
      writer.integer(type, 5);
      break;
    case 'floats':
      for (const value of attribute.value) writer.float(7, value);
      writer.integer(type, 6);
      break;
    case 'ints':
      for (const value of attribute.value) writer.integer(8, value);
      writer.integer(type, 7);
      break;
    case 'strings':
      for (const value of attribute.value) writer.string(9, value);
      writer.integer(type, 8);
      break;
  }
}

function writeInitializer(writer: ProtobufWriter, tensor: Initializer): void {
  for (const extent of tensor.shape) writer.integer(1, extent);
  writer.integer(2, ELEMENT_TYPES[tensor.dtype]);
  writer.string(8, tensor.name);
  if (ArrayBuffer.isView(tensor.source)) {
    writer.bytes(9, bytesOf(tensor.source));
    return;
  }
  const { location, offset, length } = tensor.source;
  writeEntry(writer, 13, 'location', location);
  writeEntry(writer, 13, 'offset', String(offset));
  writeEntry(writer, 13, 'length', String(length));
  writer.integer(14, EXTERNAL);
}

function writeValueInfo(writer: ProtobufWriter, value: ValueInfo): void {
  writer.string(1, value.name);
  const { type } = value;
  if (type === undefined) return;
  writer.message(2, (typeProto) => {
    typeProto.message(1, (tensor) => {
      tensor.integer(1, ELEMENT_TYPES[type.dtype]);
      tensor.message(2, (shape) => {
        for (const extent of type.shape) {
          shape.message(1, (dimension) => {
            if (typeof extent === 'number') dimension.integer(1, extent);
            else if (extent !== '?') dimension.string(2, extent);
          });
        }
      });
    });
  });
}

function writeEntry(writer: ProtobufWriter, field: number, key: string, value: string): void {
  writer.message(field, (entry) => {
    entry.string(1, key);
    entry.string(2, value);
  });
}
