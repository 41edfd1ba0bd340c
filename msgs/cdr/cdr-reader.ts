import { MessageError } from '../errors.js';

// A byte order mark is text like any other here: without `ignoreBOM` a string would not survive a round trip.
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Reads plain CDR (XCDR version 1), big or little endian, from bytes at any alignment in memory.
 *
 * Every read is bounds-checked before it happens and names its field. So a truncated message, or one of another type, fails
 * with a MessageError that says where, whatever the bytes are. Source: OMG CORBA 3.3 part 2, section 9.3 (CDR); DDSI-RTPS
 * 2.5, section 10.2 (encapsulation).
 */
export class CdrReader {
  readonly #type: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  #offset = 4;

  constructor(type: string, cdr: Uint8Array) {
    this.#type = type;
    this.#bytes = cdr;
    this.#view = new DataView(cdr.buffer, cdr.byteOffset, cdr.byteLength);
    if (cdr.byteLength < 4) {
      throw new MessageError(
        `${type}: field \`encapsulation\` needs 4 bytes, but the message has ${cdr.byteLength}`,
      );
    }
    const kind = this.#view.getUint16(0, false);
    if (kind > 1) {
      throw new MessageError(
        `${type}: expected plain CDR, encapsulation \`0x0000\` (big endian) or \`0x0001\` (little endian), ` +
          `got 0x${kind.toString(16).padStart(4, '0')}`,
      );
    }
    this.#littleEndian = kind === 1;
  }

  /** Bytes read so far, encapsulation header included. */
  get offset(): number {
    return this.#offset;
  }

  get littleEndian(): boolean {
    return this.#littleEndian;
  }

  boolean(field: string): boolean {
    return this.uint8(field) !== 0;
  }

  int8(field: string): number {
    return this.#view.getInt8(this.#take(field, 1));
  }

  uint8(field: string): number {
    return this.#view.getUint8(this.#take(field, 1));
  }

  int16(field: string): number {
    return this.#view.getInt16(this.#take(field, 2), this.#littleEndian);
  }

  uint16(field: string): number {
    return this.#view.getUint16(this.#take(field, 2), this.#littleEndian);
  }

  int32(field: string): number {
    return this.#view.getInt32(this.#take(field, 4), this.#littleEndian);
  }

  uint32(field: string): number {
    return this.#view.getUint32(this.#take(field, 4), this.#littleEndian);
  }

  int64(field: string): bigint {
    return this.#view.getBigInt64(this.#take(field, 8), this.#littleEndian);
  }

  uint64(field: string): bigint {
    return this.#view.getBigUint64(this.#take(field, 8), this.#littleEndian);
  }

  float32(field: string): number {
    return this.#view.getFloat32(this.#take(field, 4), this.#littleEndian);
  }

  float64(field: string): number {
    return this.#view.getFloat64(this.#take(field, 8), this.#littleEndian);
  }

  /** The length counts the final NUL; length 0, which some writers send for '', is accepted. */
  string(field: string): string {
    const length = this.uint32(field);
    const start = this.#take(field, length, 1);
    const terminated = length > 0 && this.#bytes[start + length - 1] === 0;
    const end = start + length - (terminated ? 1 : 0);
    return start === end ? '' : UTF8.decode(this.#bytes.subarray(start, end));
  }

  /** A view of `count` raw bytes; a plain Uint8Array also where the message is a Buffer. */
  bytes(field: string, count: number): Uint8Array {
    const start = this.#take(field, count, 1);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, count);
  }

  /**
   * Length prefix of a sequence, checked against the bytes left before anything is allocated for it.
   *
   * @param elementBytes the least number of bytes that one element takes
   */
  sequenceLength(field: string, elementBytes: number): number {
    const count = this.uint32(field);
    const left = this.#bytes.byteLength - this.#offset;
    if (count * elementBytes > left) {
      throw new MessageError(
        `${this.#type}: field \`${field}\` announces ${count} elements of at least ${elementBytes} bytes, ` +
          `but only ${left} bytes of the message are left; it is truncated or of another type`,
      );
    }
    return count;
  }

  /** Aligns (relative to the end of the encapsulation header), checks and consumes; returns where to read. */
  #take(field: string, byteLength: number, alignment = byteLength): number {
    const past = (this.#offset - 4) % alignment;
    const start = past === 0 ? this.#offset : this.#offset + alignment - past;
    if (start + byteLength > this.#bytes.byteLength) {
      throw new MessageError(
        `${this.#type}: field \`${field}\` needs ${byteLength} bytes at byte ${start}, ` +
          `but the message ends after ${this.#bytes.byteLength}; it is truncated or of another type`,
      );
    }
    this.#offset = start + byteLength;
    return start;
  }
}
