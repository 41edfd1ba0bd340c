import type { RandomAccessFile } from '../files/random-access-file.js';

const WINDOW_BYTES = 64 << 10;

/** Reads bytes of a file through a small window, so that neighbouring records share one read. */
export class RecordWindow {
  readonly #file: RandomAccessFile;
  #offset = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(file: RandomAccessFile) {
    this.#file = file;
  }

  /** Up to `length` bytes at `offset`; fewer where the file ends. */
  async at(offset: number, length: number): Promise<Buffer> {
    const isInside =
      offset >= this.#offset &&
      Math.min(offset + length, this.#file.size) <= this.#offset + this.#bytes.length;
    if (!isInside) {
      this.#bytes = await this.#file.read(offset, Math.max(length, WINDOW_BYTES));
      this.#offset = offset;
    }
    const from = offset - this.#offset;
    return this.#bytes.subarray(from, from + length);
  }
}
