const PRIME2 = 0x85ebca77;
const PRIME3 = 0xc2b2ae3d;
const PRIME4 = 0x27d4eb2f;
const PRIME5 = 0x165667b1;

/** xxHash32, seed 0, of fewer than 16 bytes: all that an LZ4 frame header needs. Source: xxHash specification. */
export function xxhash32(bytes: Buffer): number {
  if (bytes.length >= 16) throw new RangeError('xxhash32: expected fewer than 16 bytes');
  let hash = (PRIME5 + bytes.length) | 0;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    hash = (hash + Math.imul(bytes.readInt32LE(at), PRIME3)) | 0;
    hash = Math.imul((hash << 17) | (hash >>> 15), PRIME4);
  }
  for (; at < bytes.length; at++) {
    hash = (hash + Math.imul(bytes.readUInt8(at), PRIME5)) | 0;
    hash = Math.imul((hash << 11) | (hash >>> 21), 0x9e3779b1);
  }
  hash = Math.imul(hash ^ (hash >>> 15), PRIME2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
