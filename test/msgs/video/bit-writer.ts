/** Writes NAL units bit by bit, for tests. */
export class BitWriter {
  readonly #bits: number[] = [];

  bits(value: number, count: number): this {
    for (let index = count - 1; index >= 0; index--) this.#bits.push(Math.floor(value / 2 ** index) % 2);
    return this;
  }

  /** Exp-Golomb, unsigned. */
  ue(value: number): this {
    const length = Math.floor(Math.log2(value + 1));
    return this.bits(0, length).bits(value + 1, length + 1);
  }

  /** Exp-Golomb, signed. */
  se(value: number): this {
    return this.ue(value > 0 ? 2 * value - 1 : -2 * value);
  }

  /** With the stop bit, and with the bytes that keep start codes out. */
  nal(...header: readonly number[]): Uint8Array {
    const bits = [...this.#bits, 1];
    while (bits.length % 8 !== 0) bits.push(0);
    const payload: number[] = [];
    for (let at = 0; at < bits.length; at += 8) {
      const byte = bits.slice(at, at + 8).reduce((sum, bit) => 2 * sum + bit, 0);
      if (payload.at(-1) === 0 && payload.at(-2) === 0 && byte <= 3) payload.push(3);
      payload.push(byte);
    }
    return Uint8Array.from([...header, ...payload]);
  }
}

/** Units with start codes. */
export function annexB(...units: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(units.flatMap((unit) => [0, 0, 0, 1, ...unit]));
}
