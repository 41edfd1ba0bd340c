import { quoteUntrusted } from '../../msgs/quote-untrusted.js';
import { TrainingError } from '../errors.js';
import type { Initializer } from './model-proto.js';
import type { ProtobufMessage } from './protobuf-reader.js';
import { ELEMENT_TYPES, type ElementType, sizeOf, type TensorArray } from './tensor-data.js';

const EXTERNAL = 1;
/** More dimensions than any operator takes. */
const MOST_DIMENSIONS = 64;

/** Names of types that graphs here cannot hold, for messages. Source: onnx.proto, TensorProto.DataType. */
const OTHER_TYPES: Readonly<Record<number, string>> = {
  8: 'string',
  13: 'uint64',
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
  17: 'float8',
  18: 'float8',
  19: 'float8',
  20: 'float8',
  21: 'uint4',
  22: 'int4',
  23: 'float4',
};

/** Name of an element type of onnx.proto; undefined for those that graphs here cannot hold. */
export function elementTypeOf(type: number | undefined): ElementType | undefined {
  const found = Object.entries(ELEMENT_TYPES).find(([, code]) => code === type);
  return found?.[0] as ElementType | undefined; // a key of ELEMENT_TYPES
}

/** Why a TensorProto cannot be carried over, by its type; undefined where it can. */
export function unreadableType(message: ProtobufMessage): string | undefined {
  const type = message.integer(2);
  if (elementTypeOf(type) !== undefined) return undefined;
  return unreadableText(message.string(8), type);
}

function unreadableText(name: string, type: number): string {
  return `tensor \`${quoteUntrusted(name)}\` has element type ${OTHER_TYPES[type] ?? type}; expected one of ${Object.keys(ELEMENT_TYPES).join(', ')}`;
}

/**
 * Reads a TensorProto, whichever of its fields hold the numbers.
 * @throws TrainingError naming the tensor, for types that cannot be carried over and data that do not fit the shape.
 */
export function readTensor(message: ProtobufMessage): Initializer {
  const name = message.string(8);
  const fail = (why: string): never => {
    throw new TrainingError(`tensor \`${quoteUntrusted(name)}\` ${why}`);
  };
  const shape = message.integers(1).map(Number);
  const type = message.integer(2);
  const dtype = elementTypeOf(type);
  if (dtype === undefined) throw new TrainingError(unreadableText(name, type));
  if (shape.length > MOST_DIMENSIONS)
    return fail(`has ${shape.length} dimensions; expected at most \`${MOST_DIMENSIONS}\``);
  if (shape.some((extent) => !(extent >= 0)) || !Number.isSafeInteger(sizeOf(shape) * bytesPerElement(dtype)))
    return fail(`has the shape [${shape}], which no file can hold`);
  if (message.has(3)) return fail('is stored in segments');
  if (message.integer(14) === EXTERNAL) {
    const entries = new Map(message.messages(13).map((entry) => [entry.string(1), entry.string(2)]));
    const location = entries.get('location');
    if (location === undefined) return fail('is said to lie in another file, which is not named');
    const length = sizeOf(shape) * bytesPerElement(dtype);
    const stated = entries.get('length');
    if (stated !== undefined && wholeNumber(stated) !== length)
      return fail(`of shape [${shape}] takes ${length} bytes, the file says ${quoteUntrusted(stated)}`);
    const offset = wholeNumber(entries.get('offset') ?? '0');
    if (offset === undefined) {
      const given = quoteUntrusted(entries.get('offset') ?? '');
      return fail(`lies at the offset ${given} of another file; expected \`a whole number of at least 0\``);
    }
    return { name, dtype, shape, source: { location, offset, length } };
  }
  const data = numbersOf(message, dtype);
  if (data.length !== sizeOf(shape))
    return fail(`of shape [${shape}] should hold ${sizeOf(shape)} numbers, it has ${data.length}`);
  return { name, dtype, shape, source: data };
}

/** Digits alone, and few enough to be exact; anything else that JavaScript takes for a number is none here. */
function wholeNumber(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  float16: Uint16Array,
  uint32: Uint32Array,
} as const satisfies Record<ElementType, unknown>;

/** Bytes of one number of a type. */
export function bytesPerElement(dtype: ElementType): number {
  return ARRAYS[dtype].BYTES_PER_ELEMENT;
}

/** Little-endian bytes as the array of their type, in memory of its own. */
export function arrayOf(dtype: ElementType, bytes: Uint8Array): TensorArray {
  if (bytes.length % bytesPerElement(dtype) !== 0)
    throw new TrainingError(`${bytes.length} bytes are no whole number of ${dtype} values`);
  return new ARRAYS[dtype](new Uint8Array(bytes).buffer);
}

function numbersOf(message: ProtobufMessage, dtype: ElementType): TensorArray {
  const raw = message.byteFields(9).at(-1);
  if (raw !== undefined) return arrayOf(dtype, raw);
  switch (dtype) {
    case 'float32':
      return message.floats(4);
    case 'float64':
      return message.doubles(10);
    case 'int64':
      return BigInt64Array.from(message.integers(7));
    case 'uint32':
      return Uint32Array.from(message.integers(11), Number);
    default:
      // float16 as its bits, bool as 0 and 1
      return new ARRAYS[dtype](message.integers(5).map(Number));
  }
}
