const BLOCK_BYTES = 128 << 10;

/**
 * A zstd frame of `head` and then `zeros` zeros, in 4 bytes for each 128 kB of them. Source: RFC 8878, 3.1.1.
 */
export function runLengthZstd(head: Uint8Array, zeros: number): Buffer {
  const frame = Buffer.alloc(14);
  frame.writeUInt32LE(0xfd2fb528, 0);
  frame.writeUInt8(0xc0, 4); // content size in 8 bytes
  frame.writeUInt8(0x58, 5); // a window of 2 MiB
  frame.writeBigUInt64LE(BigInt(head.length + zeros), 6);
  const blocks = [block(0, head.length), head];
  for (let left = zeros; left > 0; left -= BLOCK_BYTES)
    blocks.push(block(1, Math.min(left, BLOCK_BYTES)), Buffer.of(0));
  blocks.push(block(0, 0, true));
  return Buffer.concat([frame, ...blocks]);
}

/** Block header: last block, kind (0 raw, 1 run-length), size. */
function block(kind: number, size: number, isLast = false): Buffer {
  const head = Buffer.alloc(3);
  head.writeUIntLE((isLast ? 1 : 0) | (kind << 1) | (size << 3), 0, 3);
  return head;
}
