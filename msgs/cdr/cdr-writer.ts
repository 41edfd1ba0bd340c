/**
 * Writes plain CDR (XCDR version 1), little endian, into bytes at any alignment in memory. Without a target it only measures,
 * so that one function gives both the size and the bytes of a message.
 *
 * Padding is written as zeros, because targets are reused. Strings are UTF-8 and counted in bytes.
 * Source: OMG CORBA 3.3 part 2, section 9.3 (CDR); DDSI-RTPS 2.5, section 10.2 (encapsulation).
 */
export class CdrWriter {
  readonly #bytes: Uint8Array | undefined;
  readonly #view: DataView | undefined;
  #offset = 4;

  constructor(target?: Uint8Array) {
    this.#bytes = target;
    if (target !== undefined) {
      this.#view = new DataView(target.buffer, target.byteOffset, target.byteLength);
      this.#view.setUint32(0, 0x00010000, false); // CDR_LE, no options
    }
  }

  /** Bytes written so far, encapsulation header included. */
  get offset(): number {
    return this.#offset;
  }

  boolean(value: boolean): void {
    this.uint8(value ? 1 : 0);
  }

  int8(value: number): void {
    this.#view?.setInt8(this.#offset, value);
    this.#offset += 1;
  }

  uint8(value: number): void {
    this.#view?.setUint8(this.#offset, value);
    this.#offset += 1;
  }

  int16(value: number): void {
    this.#align(2);
    this.#view?.setInt16(this.#offset, value, true);
    this.#offset += 2;
  }

  uint16(value: number): void {
    this.#align(2);
    this.#view?.setUint16(this.#offset, value, true);
    this.#offset += 2;
  }

  int32(value: number): void {
    this.#align(4);
    this.#view?.setInt32(this.#offset, value, true);
    this.#offset += 4;
  }

  uint32(value: number): void {
    this.#align(4);
    this.#view?.setUint32(this.#offset, value, true);
    this.#offset += 4;
  }

  int64(value: bigint): void {
    this.#align(8);
    this.#view?.setBigInt64(this.#offset, value, true);
    this.#offset += 8;
  }

  uint64(value: bigint): void {
    this.#align(8);
    this.#view?.setBigUint64(this.#offset, value, true);
    this.#offset += 8;
  }

  float32(value: number): void {
    this.#align(4);
    this.#view?.setFloat32(this.#offset, value, true);
    this.#offset += 4;
  }

  float64(value: number): void {
    this.#align(8);
    this.#view?.setFloat64(this.#offset, value, true);
    this.#offset += 8;
  }

  string(value: string): void {
    const byteLength = Buffer.byteLength(value, 'utf8');
    this.uint32(byteLength + 1);
    if (this.#bytes !== undefined) {
      const { buffer, byteOffset } = this.#bytes;
      Buffer.from(buffer, byteOffset + this.#offset, byteLength).write(value, 'utf8');
      this.#bytes[this.#offset + byteLength] = 0;
    }
    this.#offset += byteLength + 1;
  }

  /** Raw bytes, without a length prefix. */
  bytes(value: Uint8Array): void {
    this.#bytes?.set(value, this.#offset);
    this.#offset += value.byteLength;
  }

  /** Leaves `byteLength` bytes as they are: someone else writes them. */
  skip(byteLength: number): void {
    this.#offset += byteLength;
  }

  #align(alignment: number): void {
    while ((this.#offset - 4) % alignment !== 0) {
      if (this.#bytes !== undefined) this.#bytes[this.#offset] = 0;
      this.#offset += 1;
    }
  }
}
