import { CdrWriter, EncapsulationKind } from '@foxglove/cdr';
import type { parse } from '@foxglove/rosmsg';

type Definitions = ReturnType<typeof parse>;
type Field = Definitions[number]['definitions'][number];

/** Plain big-endian CDR of a message, written by @foxglove/cdr field by field. */
export function encodeBigEndian(definitions: Definitions, message: object): Uint8Array {
  const writer = new CdrWriter({ kind: EncapsulationKind.CDR_BE });
  const structs = new Map(definitions.map((d) => [d.name ?? '', d.definitions]));

  const struct = (fields: readonly Field[], value: object) => {
    for (const field of fields) {
      if (field.isConstant === true) continue;
      const member = (value as Record<string, unknown>)[field.name];
      if (field.isArray !== true) {
        one(field, member);
        continue;
      }
      const items = [...(member as Iterable<unknown>)];
      if (field.arrayLength === undefined) writer.sequenceLength(items.length);
      for (const item of items) one(field, item);
    }
  };
  const one = (field: Field, value: unknown) => {
    if (field.isComplex === true) return struct(structs.get(field.type) ?? [], value as object);
    switch (field.type) {
      case 'bool':
        return writer.uint8(value === true ? 1 : 0);
      case 'string': {
        const utf8 = Buffer.from(value as string); // CdrWriter.string() is for ASCII only
        writer.uint32(utf8.length + 1);
        for (const byte of [...utf8, 0]) writer.uint8(byte);
        return;
      }
      case 'time':
      case 'duration': {
        const { sec, nanosec } = value as { sec: number; nanosec: number };
        writer.int32(sec);
        return writer.uint32(nanosec);
      }
      case 'uint8':
      case 'uint16':
      case 'uint32':
      case 'int32':
      case 'float32':
      case 'float64':
        return writer[field.type](value as number);
      case 'uint64':
        return writer.uint64(value as bigint);
      default:
        throw new Error(`${field.type} is not written here`);
    }
  };
  struct(definitions[0]?.definitions ?? [], message);
  return writer.data;
}
