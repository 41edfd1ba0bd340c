import { ZSTD_BLOCK_BYTES, zstdBlock, zstdFrameHeader, zstdSkippable } from './zstd-frame.js';

/** A part of a zstd stream that unpacks to one block at most, and the work of that in bytes. */
export interface ZstdPiece {
  readonly bytes: Uint8Array;
  readonly work: number;
}

/** Windows that a decompressor has to take; `zstd --long` makes larger ones only when told to. */
const MAX_WINDOW_BYTES = 128 << 20;
/** The decompressor moves its window with every block, at so many times the speed of unpacking. */
const MOVING_SPEED = 32;
/** The longest frame header. */
const MOST_HEADER_BYTES = 18;

/**
 * Cuts a zstd stream into its blocks, so that no piece of it unpacks to more than 128 kB. A stream of run-length blocks
 * unpacks to 32,768 times its size.
 */
export class ZstdSplitter {
  #buffer = new Uint8Array(0);
  #at = 0;
  /** The frame that is being read. */
  #frame: { readonly windowSize: number; readonly hasChecksum: boolean } | undefined;
  /** Bytes still to be passed on before the next head is looked at. */
  #skip = 0;

  /** What is left when the stream ends. */
  get rest(): Uint8Array {
    return this.#buffer.subarray(this.#at);
  }

  /** Throws RangeError where no zstd frame is. */
  *push(bytes: Uint8Array): Generator<ZstdPiece> {
    const joined = new Uint8Array(this.rest.length + bytes.length);
    joined.set(this.rest);
    joined.set(bytes, this.rest.length);
    this.#buffer = joined;
    this.#at = 0;
    for (;;) {
      if (this.#skip > 0) {
        const length = Math.min(this.#skip, this.rest.length);
        if (length === 0) return;
        this.#skip -= length;
        yield { bytes: this.#take(length), work: length };
        continue;
      }
      const piece = this.#frame === undefined ? this.#header() : this.#block(this.#frame);
      if (piece === undefined) return;
      yield piece;
    }
  }

  /** The next frame header; undefined if it is not there yet. */
  #header(): ZstdPiece | undefined {
    const { rest } = this;
    const skippable = zstdSkippable(rest, 0);
    if (skippable !== undefined) {
      this.#skip = skippable - 8;
      return { bytes: this.#take(8), work: 8 };
    }
    if (rest.length < MOST_HEADER_BYTES) return undefined;
    const header = zstdFrameHeader(rest);
    if (header === undefined) throw new RangeError('invalid zstd data');
    const { windowSize, hasChecksum, length } = header;
    if (windowSize > MAX_WINDOW_BYTES) {
      // A frame that is one segment remembers all of itself, which it need not be allowed to claim.
      throw new RangeError(`zstd window of ${windowSize} bytes, at most ${MAX_WINDOW_BYTES} are supported`);
    }
    this.#frame = { windowSize, hasChecksum };
    return { bytes: this.#take(length), work: windowSize };
  }

  /** The next block; undefined if it is not there yet. */
  #block(frame: { readonly windowSize: number; readonly hasChecksum: boolean }): ZstdPiece | undefined {
    const block = zstdBlock(this.rest, 0);
    if (block === undefined || this.rest.length < 3 + block.length) return undefined;
    if (block.length > ZSTD_BLOCK_BYTES) throw new RangeError('zstd block is too long');
    if (block.isLast) {
      this.#frame = undefined;
      this.#skip = frame.hasChecksum ? 4 : 0;
    }
    const work = ZSTD_BLOCK_BYTES + frame.windowSize / MOVING_SPEED;
    return { bytes: this.#take(3 + block.length), work };
  }

  #take(length: number): Uint8Array {
    const bytes = this.#buffer.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }
}
