const MAGIC = 0xfd2fb528;

/** Size in bytes that a zstd frame announces; undefined if it is no frame or announces none. Source: RFC 8878, 3.1.1.1. */
export function zstdContentSize(frame: Uint8Array): number | undefined {
  if (frame.length < 6) return undefined;
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, Math.min(frame.length, 18));
  if (bytes.readUInt32LE(0) !== MAGIC) return undefined;
  const descriptor = bytes.readUInt8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const at = 5 + (isSingleSegment ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const width = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  if (at + width > bytes.length) return undefined;
  if (width === 1) return bytes.readUInt8(at);
  if (width === 2) return bytes.readUInt16LE(at) + 256;
  if (width === 4) return bytes.readUInt32LE(at);
  return width === 8 ? Number(bytes.readBigUInt64LE(at)) : undefined;
}
