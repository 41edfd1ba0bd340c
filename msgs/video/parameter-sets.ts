/** More than streams have; damage may look like others. */
const MOST = 64;

/** The parameter sets that came so far, in the order in which they came last: for a decoder that begins anew. */
export class ParameterSets {
  readonly #units = new Map<string, Uint8Array>();

  /** @param unit a NAL unit without its start code; it is copied */
  add(unit: Uint8Array): void {
    const key = Buffer.from(unit).toString('latin1');
    this.#units.delete(key);
    this.#units.set(key, Uint8Array.from(unit));
    for (const oldest of this.#units.keys()) {
      if (this.#units.size <= MOST) break;
      this.#units.delete(oldest);
    }
  }

  has(unit: Uint8Array): boolean {
    return this.#units.has(Buffer.from(unit).toString('latin1'));
  }

  /** With start codes. */
  bytes(): Uint8Array {
    const start = Uint8Array.of(0, 0, 0, 1);
    return Buffer.concat([...this.#units.values()].flatMap((unit) => [start, unit]));
  }
}
