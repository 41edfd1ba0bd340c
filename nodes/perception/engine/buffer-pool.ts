import { MEMORY_SETTINGS } from '../../../models/memory-settings.js';

/**
 * From this size on memory is the system's, to which it goes back: models/memory-settings.ts. What a pool keeps would else stay
 * with the process when a model is swapped out, between blocks that are still in use.
 */
const SYSTEM_BYTES = Number(MEMORY_SETTINGS.MALLOC_MMAP_THRESHOLD_) + 4096;
/** Smaller ones are none of many. */
const SMALL_BYTES = 128 << 10;

/** ArrayBuffers to be used again: allocation, zeroing and page faults of megabytes a frame cost more than the copy. */
export class BufferPool {
  readonly #most: number;
  readonly #free: ArrayBuffer[] = [];

  /** @param most buffers kept; older ones are let go */
  constructor(most: number) {
    this.#most = most;
  }

  /** A buffer of `byteLength` bytes or somewhat more, whose content is arbitrary. */
  take(byteLength: number): ArrayBuffer {
    const size = byteLength < SMALL_BYTES ? byteLength : Math.max(byteLength, SYSTEM_BYTES);
    return this.reuse(size, size) ?? new ArrayBuffer(size);
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
