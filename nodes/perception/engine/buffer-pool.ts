/** ArrayBuffers to be used again: allocation, zeroing and page faults of megabytes a frame cost more than the copy. */
export class BufferPool {
  readonly #most: number;
  readonly #free: ArrayBuffer[] = [];

  /** @param most buffers kept; older ones are let go */
  constructor(most: number) {
    this.#most = most;
  }

  /** A buffer of exactly `byteLength` bytes, whose content is arbitrary. */
  take(byteLength: number): ArrayBuffer {
    return this.reuse(byteLength, byteLength) ?? new ArrayBuffer(byteLength);
  }

  /** A buffer of at least `byteLength` bytes: for content of varying size. */
  takeAtLeast(byteLength: number): ArrayBuffer {
    const size = Math.ceil(byteLength * 1.25);
    return this.reuse(byteLength, 2 * size) ?? new ArrayBuffer(size);
  }

  /** A kept buffer whose size lies in [least, most], if there is one. */
  reuse(least: number, most: number): ArrayBuffer | undefined {
    const index = this.#free.findIndex((buffer) => buffer.byteLength >= least && buffer.byteLength <= most);
    return index < 0 ? undefined : this.#free.splice(index, 1)[0];
  }

  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength === 0) return;
    this.#free.push(buffer);
    if (this.#free.length > this.#most) this.#free.shift();
  }
}
