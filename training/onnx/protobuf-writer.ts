const text = new TextEncoder();

/**
 * Writes protocol buffer messages (the wire types that ONNX needs: varint, 32-bit, length-delimited).
 * Byte fields are kept as views and copied once, by `finish`, so that large tensors are not copied per nesting level.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufWriter {
  readonly #chunks: Uint8Array[] = [];
  #pending: number[] = [];
  #byteLength = 0;

  /** Bytes written so far. */
  get byteLength(): number {
    return this.#byteLength + this.#pending.length;
  }

  /** An int32, int64, bool or enum field; negative numbers take ten bytes, as the format demands. */
  integer(field: number, value: number | bigint): void {
    this.#varint(field * 8);
    this.#varint(value);
  }

  /** A float field. */
  float(field: number, value: number): void {
    this.#varint(field * 8 + 5);
    this.#pending.push(...new Uint8Array(Float32Array.of(value).buffer));
  }

  string(field: number, value: string): void {
    this.bytes(field, text.encode(value));
  }

  /** A bytes field; `value` must not change before `finish`. */
  bytes(field: number, value: Uint8Array): void {
    this.#varint(field * 8 + 2);
    this.#varint(value.byteLength);
    this.#append(value);
  }

  /** An embedded message, written by `write`. */
  message(field: number, write: (writer: ProtobufWriter) => void): void {
    const inner = new ProtobufWriter();
    write(inner);
    inner.#flush();
    this.#varint(field * 8 + 2);
    this.#varint(inner.#byteLength);
    for (const chunk of inner.#chunks) this.#append(chunk);
  }

  /** The whole message in one buffer. */
  finish(): Uint8Array {
    this.#flush();
    const out = new Uint8Array(this.#byteLength);
    let offset = 0;
    for (const chunk of this.#chunks) {
      out.set(chunk, offset);
      offset += chunk.byteLength;
    }
    return out;
  }

  #varint(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0 && value < 128) {
      this.#pending.push(value);
      return;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 128n) {
      this.#pending.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.#pending.push(Number(rest));
  }

  #append(bytes: Uint8Array): void {
    if (bytes.byteLength < 64) {
      for (const byte of bytes) this.#pending.push(byte);
      return;
    }
    this.#flush();
    this.#chunks.push(bytes);
    this.#byteLength += bytes.byteLength;
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    this.#chunks.push(Uint8Array.from(this.#pending));
    this.#byteLength += this.#pending.length;
    this.#pending = [];
  }
}
