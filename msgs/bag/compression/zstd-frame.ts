/** Skippable frames have the magic numbers from here on to 15 more. */
const FIRST_SKIPPABLE = 0x184d2a50;
/** The most that one block holds. Source: RFC 8878, 3.1.1.2.4. */
export const ZSTD_BLOCK_BYTES = 128 << 10;

/** Whether the bytes begin as a zstd frame does. No CDR message does: it begins with its encapsulation, 00 and a small number. */
export function isZstdFrame(bytes: Uint8Array): boolean {
  return bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;
}

/** What a frame says before its blocks. Source: RFC 8878, 3.1.1.1. */
export interface ZstdFrameHeader {
  /** Bytes of the header, from the magic number on. */
  readonly length: number;
  /** Absent where the frame does not announce it. */
  readonly contentSize?: number;
  /** Bytes that a decompressor has to remember. */
  readonly windowSize: number;
  readonly hasChecksum: boolean;
}

/** Undefined if the bytes begin with no frame, or end before its header does. */
export function zstdFrameHeader(frame: Uint8Array): ZstdFrameHeader | undefined {
  if (frame.length < 6 || !isZstdFrame(frame)) return undefined;
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, Math.min(frame.length, 18));
  const descriptor = bytes.readUInt8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const at = 5 + (isSingleSegment ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const width = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  if (at + width > bytes.length) return undefined;
  const contentSize = sizeField(bytes, at, width);
  const base = 2 ** (10 + (bytes.readUInt8(5) >> 3));
  return {
    length: at + width,
    ...(contentSize !== undefined && { contentSize }),
    windowSize: isSingleSegment ? (contentSize ?? 0) : base + (base / 8) * (bytes.readUInt8(5) & 7),
    hasChecksum: (descriptor & 0x04) !== 0,
  };
}

function sizeField(bytes: Buffer, at: number, width: number): number | undefined {
  if (width === 1) return bytes.readUInt8(at);
  if (width === 2) return bytes.readUInt16LE(at) + 256;
  if (width === 4) return bytes.readUInt32LE(at);
  return width === 8 ? Number(bytes.readBigUInt64LE(at)) : undefined;
}

/** Size in bytes that a zstd frame announces; undefined if it is no frame or announces none. */
export function zstdContentSize(frame: Uint8Array): number | undefined {
  return zstdFrameHeader(frame)?.contentSize;
}

/** A block as its head describes it: 3 bytes, then `length` bytes. Source: RFC 8878, 3.1.1.2. */
export function zstdBlock(bytes: Uint8Array, at: number): { length: number; isLast: boolean } | undefined {
  if (at + 3 > bytes.length) return undefined;
  const head = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  const isRunLength = ((head >> 1) & 3) === 1;
  return { length: isRunLength ? 1 : head >> 3, isLast: (head & 1) === 1 };
}

/** The most that the frames in `bytes` can hold, by their number of blocks: what claims more is damaged. */
export function zstdLargestContent(bytes: Uint8Array): number {
  let most = 0;
  for (let at = 0; at < bytes.length; ) {
    const skipped = zstdSkippable(bytes, at);
    if (skipped !== undefined) {
      at += skipped;
      continue;
    }
    const header = zstdFrameHeader(bytes.subarray(at));
    if (header === undefined) return most;
    at += header.length;
    for (let block = zstdBlock(bytes, at); block !== undefined; block = zstdBlock(bytes, at)) {
      most += ZSTD_BLOCK_BYTES;
      at += 3 + block.length;
      if (block.isLast) break;
    }
    at += header.hasChecksum ? 4 : 0;
  }
  return most;
}

/** Bytes of the skippable frame at `at`, undefined if there is none. */
export function zstdSkippable(bytes: Uint8Array, at: number): number | undefined {
  if (at + 8 > bytes.length) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + at, 8);
  const isSkippable = ((view.readUInt32LE(0) ^ FIRST_SKIPPABLE) & ~15) === 0;
  return isSkippable ? 8 + view.readUInt32LE(4) : undefined;
}
