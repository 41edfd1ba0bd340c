/**
 * LZ4 frames, as MCAP chunks use them; read alone. Source: LZ4 Frame Format 1.6.x and LZ4 Block Format.
 *
 * Own code, because the WebAssembly build on npm refuses every frame after one that is damaged.
 */
const MAGIC = 0x184d2204;
const UNCOMPRESSED_BLOCK = 0x80000000;
const MIN_MATCH = 4;

/** A match length grows by 255 a byte. */
export const LZ4_HIGHEST_RATIO = 256;

/** Decompresses one frame of at most `size` bytes; throws RangeError where the frame is damaged. */
export function lz4Decompress(frame: Buffer, size: number): Buffer {
  const output = Buffer.from(new ArrayBuffer(size));
  const written = decompressInto(frame, output);
  if (written !== size) throw new RangeError(`lz4: expected ${size} bytes, got ${written}`);
  return output;
}

function decompressInto(frame: Buffer, output: Buffer): number {
  if (frame.readUInt32LE(0) !== MAGIC) throw new RangeError('lz4: no frame magic');
  const flags = frame.readUInt8(4);
  if (flags >> 6 !== 1) throw new RangeError(`lz4: unknown frame version ${flags >> 6}`);
  const hasBlockChecksum = (flags & 0x10) !== 0;
  const hasContentSize = (flags & 0x08) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  let at = 6 + (hasContentSize ? 8 : 0) + (hasDictionary ? 4 : 0) + 1;
  let written = 0;
  for (;;) {
    const word = frame.readUInt32LE(at);
    at += 4;
    if (word === 0) return written;
    const length = word & ~UNCOMPRESSED_BLOCK;
    if (at + length > frame.length) throw new RangeError('lz4: block runs over the end');
    if ((word & UNCOMPRESSED_BLOCK) !== 0) {
      if (written + length > output.length) throw new RangeError('lz4: more data than announced');
      frame.copy(output, written, at, at + length);
      written += length;
    } else {
      written = decompressBlock(frame, at, at + length, output, written);
    }
    at += length + (hasBlockChecksum ? 4 : 0);
  }
}

/** Decompresses the block [at, end) to `output` from `to` on; returns the end of what was written. */
function decompressBlock(input: Buffer, from: number, end: number, output: Buffer, start: number): number {
  let at = from;
  let to = start;
  while (at < end) {
    const token = input[at++] ?? 0;
    let literals = token >> 4;
    if (literals === 15) {
      for (let more = 255; more === 255 && at < end; ) literals += more = input[at++] ?? 0;
    }
    if (at + literals > end || to + literals > output.length)
      throw new RangeError('lz4: literals run over the end');
    if (literals > 64) {
      input.copy(output, to, at, at + literals);
      to += literals;
      at += literals;
    } else {
      for (const stop = at + literals; at < stop; ) output[to++] = input[at++] ?? 0;
    }
    if (at >= end) return to;
    const distance = (input[at] ?? 0) | ((input[at + 1] ?? 0) << 8);
    at += 2;
    let length = token & 15;
    if (length === 15) {
      for (let more = 255; more === 255 && at < end; ) length += more = input[at++] ?? 0;
    }
    length += MIN_MATCH;
    if (distance === 0 || distance > to || to + length > output.length)
      throw new RangeError('lz4: bad match');
    to = copyMatch(output, to, distance, length);
  }
  return to;
}

/** Repeats `length` bytes from `distance` before `to`; source and target may overlap. */
function copyMatch(output: Buffer, to: number, distance: number, length: number): number {
  const end = to + length;
  if (distance === 1) {
    output.fill(output[to - 1] ?? 0, to, end);
  } else if (length <= 32) {
    for (let at = to; at < end; at++) output[at] = output[at - distance] ?? 0;
  } else {
    // The repeated part doubles with every copy.
    let at = to;
    let span = distance;
    while (at < end) {
      const part = Math.min(span, end - at);
      output.copyWithin(at, to - distance, to - distance + part);
      at += part;
      span += part;
    }
  }
  return end;
}
