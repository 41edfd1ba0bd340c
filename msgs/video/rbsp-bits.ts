/** Reads the bits of a NAL unit's payload, without the bytes that keep start codes out of it. Source: H.264, 7.4.1.1 and 9.1. */
export class RbspBits {
  #bytes: readonly number[];
  #position = 0;

  /** @param skip bytes of the NAL unit's header @param most bytes that are looked at */
  constructor(nal: Uint8Array, skip: number, most = 512) {
    const bytes: number[] = [];
    let zeros = 0;
    for (const byte of nal.subarray(skip, skip + most)) {
      if (zeros >= 2 && byte === 3) {
        zeros = 0;
        continue;
      }
      zeros = byte === 0 ? zeros + 1 : 0;
      bytes.push(byte);
    }
    this.#bytes = bytes;
  }

  /** Bits that are left. */
  get left(): number {
    return this.#bytes.length * 8 - this.#position;
  }

  skip(count: number): void {
    this.#position += count;
  }

  /** Another reader at the same place. */
  fork(): RbspBits {
    const other = new RbspBits(new Uint8Array(), 0);
    other.#bytes = this.#bytes;
    other.#position = this.#position;
    return other;
  }

  /** @throws RangeError behind the end */
  bit(): number {
    const byte = this.#bytes[this.#position >> 3];
    if (byte === undefined) throw new RangeError('the NAL unit ends too early');
    const bit = (byte >> (7 - (this.#position & 7))) & 1;
    this.#position += 1;
    return bit;
  }

  /** An unsigned number of up to 32 bits. */
  bits(count: number): number {
    let value = 0;
    for (let index = 0; index < count; index++) value = value * 2 + this.bit();
    return value;
  }

  flag(): boolean {
    return this.bit() === 1;
  }

  /** Exp-Golomb, unsigned: ue(v). */
  unsigned(): number {
    let zeros = 0;
    while (this.bit() === 0) {
      zeros += 1;
      if (zeros > 32) throw new RangeError('the NAL unit holds no number here');
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** Exp-Golomb, signed: se(v). */
  signed(): number {
    const value = this.unsigned();
    return value % 2 === 1 ? (value + 1) / 2 : -value / 2;
  }
}
