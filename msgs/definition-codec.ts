import { parse } from '@foxglove/rosmsg';
import { CdrReader } from './cdr/cdr-reader.js';
import type { CdrWriter } from './cdr/cdr-writer.js';
import { writeCdr } from './cdr/write-cdr.js';
import { MessageError } from './errors.js';
import type { MessageCodec } from './message-codec.js';

/** The parts of @foxglove/rosmsg's parsed definition that matter here. */
interface Field {
  readonly name: string;
  readonly type: string;
  readonly isComplex?: boolean | undefined;
  readonly isArray?: boolean | undefined;
  readonly arrayLength?: number | undefined;
  readonly isConstant?: boolean | undefined;
}

type Structs = ReadonlyMap<string, readonly Field[]>;
type Fields = Record<string, unknown>;

/**
 * Makes the codec of any message type from its `ros2msg` definition. Use it for small messages.
 *
 * Numeric arrays decode to typed arrays (`uint8[]` as a view), `time` to { sec, nanosec }, 64-bit integers to bigint.
 * The codec parses the definition at its first use. `decode` and `encode` then throw MessageError for a definition that cannot be
 * parsed or uses an unsupported type.
 * @param type full name, such as `geometry_msgs/msg/PoseStamped`
 * @param definition text of the type and, after lines of 80 `=` and `MSG: package/Name`, of all types that it uses
 */
// @foxglove/rosmsg2-serialization 3.1 has two faults here: it cuts non-ASCII strings, and it reads past the end of a message
// within a larger buffer. Its other results serve as the reference in the tests.
/** A codec made of the text of a message definition, which is parsed at first use. */
export function definitionCodec<T>(type: string, definition: string): MessageCodec<T> {
  let parsed: { root: readonly Field[]; structs: Structs } | undefined;
  const structure = () => {
    parsed ??= parseDefinition(type, definition); // not at import: parsing takes milliseconds
    return parsed;
  };
  return {
    type,
    definition,
    decode(cdr) {
      const { root, structs } = structure();
      return readStruct(new CdrReader(type, cdr), root, structs, '') as T;
    },
    encode(message) {
      const { root, structs } = structure();
      return writeCdr((writer) => writeStruct(writer, message as Fields, root, structs, `${type}: field `));
    },
  };
}

function parseDefinition(type: string, definition: string): { root: readonly Field[]; structs: Structs } {
  try {
    const definitions = parse(definition, { ros2: true });
    const root = definitions[0]?.definitions ?? [];
    return { root, structs: new Map(definitions.map((d) => [d.name ?? '', d.definitions])) };
  } catch (cause) {
    throw new MessageError(`${type}: expected a \`ros2msg\` definition, cannot parse it: ${String(cause)}`, {
      cause,
    });
  }
}

function structOf(structs: Structs, type: string): readonly Field[] {
  const fields = structs.get(type);
  if (fields === undefined) throw new MessageError(`definition of \`${type}\` is missing`);
  return fields;
}

function isData(field: Field): boolean {
  return field.isConstant !== true;
}

function readStruct(reader: CdrReader, fields: readonly Field[], structs: Structs, path: string): Fields {
  const message: Fields = {};
  if (!fields.some(isData)) reader.uint8(`${path}structure_needs_at_least_one_member`); // rosidl's empty struct
  for (const field of fields.filter(isData)) {
    const name = path + field.name;
    message[field.name] =
      field.isArray === true
        ? readArray(reader, field, structs, name)
        : readOne(reader, field, structs, name);
  }
  return message;
}

function readOne(reader: CdrReader, field: Field, structs: Structs, name: string): unknown {
  if (field.isComplex === true) return readStruct(reader, structOf(structs, field.type), structs, `${name}.`);
  switch (field.type) {
    case 'bool':
      return reader.boolean(name);
    case 'int8':
    case 'uint8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'uint32':
    case 'int64':
    case 'uint64':
    case 'float32':
    case 'float64':
    case 'string':
      return reader[field.type](name);
    case 'time':
    case 'duration':
      return { sec: reader.int32(`${name}.sec`), nanosec: reader.uint32(`${name}.nanosec`) };
    default:
      throw new MessageError(`field \`${name}\`: type \`${field.type}\` is not supported`);
  }
}

const NUMBER_ARRAYS = {
  int8: Int8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

function readArray(reader: CdrReader, field: Field, structs: Structs, name: string): unknown {
  // One byte is the least that an element takes; the reader checks the rest as it comes to it.
  const least =
    field.type in NUMBER_ARRAYS
      ? NUMBER_ARRAYS[field.type as keyof typeof NUMBER_ARRAYS].BYTES_PER_ELEMENT
      : 1;
  const count = field.arrayLength ?? reader.sequenceLength(name, least);
  if (field.type === 'uint8') return reader.bytes(name, count);
  switch (field.type) {
    case 'int8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'uint32':
    case 'float32':
    case 'float64': {
      const values = new NUMBER_ARRAYS[field.type](count);
      for (let i = 0; i < count; i++) values[i] = reader[field.type](name);
      return values;
    }
    default: {
      const values: unknown[] = [];
      for (let i = 0; i < count; i++) values.push(readOne(reader, field, structs, `${name}[${i}]`));
      if (field.type === 'int64') return BigInt64Array.from(values as bigint[]);
      return field.type === 'uint64' ? BigUint64Array.from(values as bigint[]) : values;
    }
  }
}

function writeStruct(
  writer: CdrWriter,
  message: Fields,
  fields: readonly Field[],
  structs: Structs,
  path: string,
): void {
  if (!fields.some(isData)) writer.uint8(0);
  for (const field of fields.filter(isData)) {
    const name = path + field.name;
    const value = message[field.name];
    if (value === undefined || value === null)
      throw new MessageError(`${name} is missing, expected \`${field.type}\``);
    if (field.isArray !== true) {
      writeOne(writer, value, field, structs, name);
      continue;
    }
    const values = value as ArrayLike<unknown>;
    if (field.arrayLength === undefined) writer.uint32(values.length);
    else if (values.length !== field.arrayLength) {
      throw new MessageError(`${name}: expected \`${field.arrayLength}\` elements, got ${values.length}`);
    }
    for (let i = 0; i < values.length; i++) writeOne(writer, values[i], field, structs, `${name}[${i}]`);
  }
}

function writeOne(writer: CdrWriter, value: unknown, field: Field, structs: Structs, name: string): void {
  if (field.isComplex === true) {
    writeStruct(writer, value as Fields, structOf(structs, field.type), structs, `${name}.`);
    return;
  }
  switch (field.type) {
    case 'bool':
      writer.boolean(value as boolean);
      break;
    case 'string':
      writer.string(value as string);
      break;
    case 'int64':
    case 'uint64':
      writer[field.type](BigInt(value as bigint));
      break;
    case 'int8':
    case 'uint8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'uint32':
    case 'float32':
    case 'float64':
      writer[field.type](value as number);
      break;
    case 'time':
    case 'duration': {
      const { sec, nanosec } = value as { sec: number; nanosec: number };
      writer.int32(sec);
      writer.uint32(nanosec);
      break;
    }
    default:
      throw new MessageError(`${name}: type \`${field.type}\` is not supported`);
  }
}
