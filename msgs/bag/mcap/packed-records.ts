import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { McapRecordBuilder } from '@mcap/core';

const BLOCK_BYTES = 64 << 10;

/**
 * Records that are kept until a file ends, packed block by block. The chunk index of a recording of ten hours has hundreds of
 * megabytes, and less than a quarter of that packed.
 */
export class PackedRecords {
  readonly #blocks: Buffer[] = [];
  readonly #open = new McapRecordBuilder();
  #packedLength = 0;

  /** Bytes of all records. */
  get length(): number {
    return this.#packedLength + this.#open.length;
  }

  /** Bytes of memory that they take. */
  get keptLength(): number {
    return this.#blocks.reduce((sum, { length }) => sum + length, this.#open.length);
  }

  add(write: (records: McapRecordBuilder) => void): void {
    write(this.#open);
    if (this.#open.length < BLOCK_BYTES) return;
    this.#blocks.push(deflateRawSync(this.#open.buffer, { level: 1 }));
    this.#packedLength += this.#open.length;
    this.#open.reset();
  }

  /** The records as they were written. */
  unpacked(): Uint8Array[] {
    return [...this.#blocks.map((block) => inflateRawSync(block)), this.#open.buffer];
  }
}
