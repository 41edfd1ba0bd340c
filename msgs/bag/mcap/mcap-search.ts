import type { RandomAccessFile } from '../files/random-access-file.js';
import {
  CHUNK_FIXED,
  COMPRESSIONS,
  isKnownOpcode,
  MESSAGE_FIXED,
  opcodes,
  parseChunkHeader,
  RECORD_PREFIX,
  recordFrame,
} from './mcap-records.js';

const WINDOW_BYTES = 64 << 10;
/** Bytes beyond a window that a record's head may need. */
const HEAD_BYTES = 256;
/** Places elsewhere in the file that are looked at to verify what may be a message, and one more for so many bytes. */
const LEAST_LOOKS = 1000;
const BYTES_PER_LOOK = 500;

/** Finds records in bytes that make no sense. */
export class McapSearch {
  readonly #file: RandomAccessFile;
  readonly #end: number;
  readonly #isChannel: (id: number) => boolean;
  #looks: number;

  /** Nothing is found from `end` on, where the data section ends. */
  constructor(file: RandomAccessFile, end: number, isChannel: (id: number) => boolean) {
    this.#file = file;
    this.#end = end;
    this.#isChannel = isChannel;
    this.#looks = LEAST_LOOKS + file.size / BYTES_PER_LOOK;
  }

  /** The first byte from `from` on at which a chunk, or a message of a known channel, seems to start. */
  async next(from: number, kinds: readonly number[]): Promise<number | undefined> {
    const [first, second] = kinds;
    for (let block = from; block < this.#end; block += WINDOW_BYTES) {
      const bytes = await this.#file.read(block, WINDOW_BYTES + HEAD_BYTES);
      const stop = Math.min(WINDOW_BYTES, bytes.length, this.#end - block);
      for (let at = 0; at < stop; at++) {
        const kind = bytes[at];
        if (kind !== first && kind !== second) continue;
        if (kind === opcodes.chunk ? isChunk(bytes, at) : await this.#isMessage(bytes, at, block + at))
          return block + at;
      }
    }
    return undefined;
  }

  /** Stricter than what is asked of a record in its place: in the middle of image data, almost any few bytes occur. */
  async #isMessage(bytes: Buffer, at: number, offset: number): Promise<boolean> {
    const frame = recordFrame(bytes, at);
    if (frame === undefined) return false;
    const end = offset - at + frame.end;
    if (frame.start + MESSAGE_FIXED > Math.min(bytes.length, frame.end) || end > this.#end) return false;
    if (!this.#isChannel(bytes.readUInt16LE(frame.start))) return false;
    if (end === this.#end) return true;
    const isHere = frame.end + RECORD_PREFIX <= bytes.length;
    if (!isHere && --this.#looks < 0) return false;
    const next = isHere ? bytes.subarray(frame.end) : await this.#file.read(end, RECORD_PREFIX);
    const nextFrame = recordFrame(next, 0);
    return (
      nextFrame !== undefined && isKnownOpcode(nextFrame.opcode) && end + nextFrame.end <= this.#file.size
    );
  }
}

function isChunk(bytes: Buffer, at: number): boolean {
  const frame = recordFrame(bytes, at);
  if (frame === undefined || frame.start + CHUNK_FIXED > bytes.length) return false;
  const chunk = parseChunkHeader(bytes, frame.start, frame.end);
  return (
    chunk !== undefined &&
    chunk.headerLength + chunk.recordsLength === frame.end - frame.start &&
    COMPRESSIONS.includes(chunk.compression)
  );
}
