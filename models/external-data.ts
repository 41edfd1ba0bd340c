import { ModelError } from './errors.js';

/** Where the numbers of a tensor lie outside of an ONNX file. */
export interface ExternalSpan {
  readonly location: string;
  /** As the file has them: decimal numbers, or whatever else somebody wrote there. */
  readonly offset: string;
  readonly length: string | undefined;
}

/** Messages of onnx.proto3 on the way to tensors: which message a field holds. */
const FIELDS = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  training: { 1: 'graph', 2: 'graph' },
  function: { 7: 'node', 11: 'attribute' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  tensor: { 13: 'entry' },
  entry: {},
} as const satisfies Record<string, Readonly<Record<number, string>>>;

type Kind = keyof typeof FIELDS;

/** Messages in messages: what onnxruntime's own reader takes. */
const DEEPEST = 100;

interface Field {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/**
 * Every place outside of an ONNX file that the file refers to, wherever in it, in functions and nested graphs too.
 * Source: onnx.proto3 (field numbers); https://protobuf.dev/programming-guides/encoding/
 * @throws ModelError, without the file's name, when the bytes are no ONNX file or are nested too deep.
 */
export function externalData(onnx: Uint8Array): ExternalSpan[] {
  const spans: ExternalSpan[] = [];
  const open: { readonly kind: Kind; readonly bytes: Uint8Array; readonly depth: number }[] = [
    { kind: 'model', bytes: onnx, depth: 0 },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { kind, bytes, depth } = next;
    if (depth > DEEPEST) throw new ModelError(`its graphs are nested more than ${DEEPEST} messages deep`);
    const inner: Readonly<Record<number, Kind>> = FIELDS[kind];
    const entries = new Map<string, string>();
    for (const { number, bytes: value } of fieldsOf(bytes)) {
      const held = inner[number];
      if (held === 'entry') entries.set(...entryOf(value));
      else if (held !== undefined) open.push({ kind: held, bytes: value, depth: depth + 1 });
    }
    const location = entries.get('location');
    if (location !== undefined)
      spans.push({ location, offset: entries.get('offset') ?? '0', length: entries.get('length') });
  }
  return spans;
}

function entryOf(bytes: Uint8Array): [key: string, value: string] {
  let [key, value] = ['', ''];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) key = new TextDecoder().decode(field.bytes);
    if (field.number === 2) value = new TextDecoder().decode(field.bytes);
  }
  return [key, value];
}

/** The fields of a message that hold bytes; the others are passed over. */
function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value += (byte & 127) * 2 ** shift; // exact up to 2^53, beyond that far above any length
      if (byte < 128) return value;
    }
    throw new ModelError('it is no ONNX file: a number in it is cut off');
  };
  const skip = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new ModelError('it is no ONNX file: a field in it is cut off');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const wireType = key % 8;
    if (wireType === 0) varint();
    else if (wireType === 1) skip(8);
    else if (wireType === 5) skip(4);
    else if (wireType === 2) yield { number: Math.floor(key / 8), bytes: skip(varint()) };
    else throw new ModelError(`it is no ONNX file: a field in it has the wire type ${wireType}`);
  }
}
