import { TrainingError } from '../errors.js';

/** A field of a protocol buffer message: bytes are views, integers two's complement of 64 bits. */
export type ProtobufField =
  | { readonly number: number; readonly kind: 'integer'; readonly value: bigint }
  | { readonly number: number; readonly kind: 'fixed32' | 'fixed64' | 'bytes'; readonly value: Uint8Array };

/**
 * The fields of a protocol buffer message in the order in which they stand there. Source:
 * https://protobuf.dev/programming-guides/encoding/
 * @throws TrainingError when the bytes end within a field or a wire type is unknown: this is no such message.
 */
export function* protobufFields(bytes: Uint8Array): Generator<ProtobufField> {
  let at = 0;
  const integer = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 63n) throw new TrainingError('a number in it is cut off or too long');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new TrainingError(`a field in it of ${length} bytes is cut off`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(integer());
    const number = Math.floor(key / 8);
    const wireType = key % 8;
    if (number === 0) throw new TrainingError('a field in it has number 0');
    if (wireType === 0) yield { number, kind: 'integer', value: integer() };
    else if (wireType === 1) yield { number, kind: 'fixed64', value: take(8) };
    else if (wireType === 2) yield { number, kind: 'bytes', value: take(Number(integer())) };
    else if (wireType === 5) yield { number, kind: 'fixed32', value: take(4) };
    else throw new TrainingError(`a field in it has the unknown wire type ${wireType}`);
  }
}

/** Values of the fields of one message, collected by their numbers. */
export class ProtobufMessage {
  readonly #fields = new Map<number, ProtobufField[]>();

  /** @throws TrainingError when the bytes are no message. */
  constructor(bytes: Uint8Array) {
    for (const field of protobufFields(bytes)) {
      const known = this.#fields.get(field.number);
      if (known === undefined) this.#fields.set(field.number, [field]);
      else known.push(field);
    }
  }

  has(number: number): boolean {
    return this.#fields.has(number);
  }

  /** All strings of a repeated field. */
  strings(number: number): string[] {
    return this.byteFields(number).map((bytes) => new TextDecoder().decode(bytes));
  }

  /** A string, '' when it is absent; the last one counts, as the format demands. */
  string(number: number): string {
    return this.strings(number).at(-1) ?? '';
  }

  /** All values of a repeated bytes field. */
  byteFields(number: number): Uint8Array[] {
    return (this.#fields.get(number) ?? []).map((field) => {
      if (field.kind === 'bytes') return field.value;
      throw new TrainingError(`field ${number} in it should hold bytes`);
    });
  }

  messages(number: number): ProtobufMessage[] {
    return this.byteFields(number).map((bytes) => new ProtobufMessage(bytes));
  }

  message(number: number): ProtobufMessage | undefined {
    return this.messages(number).at(-1);
  }

  /** A signed integer, `fallback` when it is absent. */
  integer(number: number, fallback = 0): number {
    const value = this.integers(number).at(-1);
    return value === undefined ? fallback : Number(value);
  }

  /** All signed integers of a repeated field, packed or not. */
  integers(number: number): bigint[] {
    return (this.#fields.get(number) ?? []).flatMap((field) => {
      if (field.kind === 'integer') return [BigInt.asIntN(64, field.value)];
      if (field.kind !== 'bytes') throw new TrainingError(`field ${number} in it should hold integers`);
      return packedIntegers(field.value);
    });
  }

  /** All floats of a repeated field, packed or not. */
  floats(number: number): Float32Array {
    return new Float32Array(aligned(this.#fixed(number, 'fixed32')));
  }

  /** All doubles of a repeated field, packed or not. */
  doubles(number: number): Float64Array {
    return new Float64Array(aligned(this.#fixed(number, 'fixed64')));
  }

  #fixed(number: number, kind: 'fixed32' | 'fixed64'): Uint8Array[] {
    const size = kind === 'fixed32' ? 4 : 8;
    return (this.#fields.get(number) ?? []).map((field) => {
      if ((field.kind === kind || field.kind === 'bytes') && field.value.length % size === 0)
        return field.value;
      throw new TrainingError(`field ${number} in it should hold numbers of ${size} bytes`);
    });
  }
}

function packedIntegers(bytes: Uint8Array): bigint[] {
  const values: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 127) << shift;
    shift += 7n;
    if (byte < 128) {
      values.push(BigInt.asIntN(64, value));
      value = 0n;
      shift = 0n;
    } else if (shift > 63n) throw new TrainingError('a number in it is too long');
  }
  if (shift > 0n) throw new TrainingError('a number in it is cut off');
  return values;
}

/** The bytes one after the other in memory of their own. */
function aligned(parts: readonly Uint8Array[]): ArrayBuffer {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out.buffer;
}
