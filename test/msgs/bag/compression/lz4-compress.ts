import { xxhash32 } from './xxhash32.js';

const MAGIC = 0x184d2204;
const BLOCK_BYTES = 4 << 20;
const UNCOMPRESSED_BLOCK = 0x80000000;
const MIN_MATCH = 4;
/** The last five bytes are always literals, and a match starts at least twelve bytes before the end. */
const LAST_LITERALS = 5;
const MATCH_LIMIT = 12;
const HASH_BITS = 16;
const MAX_DISTANCE = 65535;

/** Compresses into one LZ4 frame with 4 MiB independent blocks: bags to read. Source: LZ4 Frame Format 1.6.x. */
export function lz4Compress(input: Buffer): Buffer {
  const blocks = Math.ceil(input.length / BLOCK_BYTES);
  const frame = Buffer.allocUnsafe(input.length + Math.ceil(input.length / 255) + blocks * 32 + 32);
  frame.writeUInt32LE(MAGIC, 0);
  frame[4] = 0x60; // version 1, independent blocks
  frame[5] = 0x70; // blocks of at most 4 MiB
  frame[6] = (xxhash32(frame.subarray(4, 6)) >>> 8) & 0xff;
  const table = new Int32Array(1 << HASH_BITS);
  let at = 7;
  for (let from = 0; from < input.length; from += BLOCK_BYTES) {
    const block = input.subarray(from, Math.min(from + BLOCK_BYTES, input.length));
    const end = compressBlock(block, frame, at + 4, table);
    const length = end - at - 4;
    if (length < block.length) {
      frame.writeUInt32LE(length, at);
      at = end;
    } else {
      frame.writeUInt32LE((block.length | UNCOMPRESSED_BLOCK) >>> 0, at);
      block.copy(frame, at + 4);
      at += 4 + block.length;
    }
  }
  frame.writeUInt32LE(0, at);
  return frame.subarray(0, at + 4);
}

function compressBlock(input: Buffer, output: Buffer, start: number, table: Int32Array): number {
  table.fill(-1);
  let to = start;
  let anchor = 0;
  let at = 0;
  let misses = 0;
  const matchEnd = input.length - LAST_LITERALS;
  while (at < input.length - MATCH_LIMIT) {
    const word = input.readInt32LE(at);
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    const candidate = table[slot] ?? -1;
    table[slot] = at;
    if (candidate < 0 || at - candidate > MAX_DISTANCE || input.readInt32LE(candidate) !== word) {
      at += 1 + (misses++ >> 6); // what does not compress is passed over faster and faster
      continue;
    }
    misses = 0;
    let length = MIN_MATCH;
    while (at + length < matchEnd && input[at + length] === input[candidate + length]) length++;
    to = writeSequence(output, { start: to, input, anchor, at, distance: at - candidate, length });
    at += length;
    anchor = at;
  }
  return writeSequence(output, { start: to, input, anchor, at: input.length, distance: 0, length: 0 });
}

/** Writes literals [anchor, at) and, unless `distance` is 0 (the end of the block), the match after them. */
function writeSequence(
  output: Buffer,
  {
    start,
    input,
    anchor,
    at,
    distance,
    length,
  }: {
    readonly start: number;
    readonly input: Buffer;
    readonly anchor: number;
    readonly at: number;
    readonly distance: number;
    readonly length: number;
  },
): number {
  const literals = at - anchor;
  const matchCode = distance === 0 ? 0 : length - MIN_MATCH;
  let to = start;
  output[to++] = (Math.min(literals, 15) << 4) | Math.min(matchCode, 15);
  if (literals >= 15) to = writeLength(output, to, literals - 15);
  input.copy(output, to, anchor, at);
  to += literals;
  if (distance === 0) return to;
  output[to++] = distance & 0xff;
  output[to++] = distance >> 8;
  return matchCode >= 15 ? writeLength(output, to, matchCode - 15) : to;
}

function writeLength(output: Buffer, start: number, length: number): number {
  let to = start;
  let rest = length;
  for (; rest >= 255; rest -= 255) output[to++] = 255;
  output[to++] = rest;
  return to;
}
