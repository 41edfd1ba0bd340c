import { crc32 } from 'node:zlib';
import type { RandomAccessFile } from '../files/random-access-file.js';
import type { McapIndex } from './mcap-index.js';

const PIECE_BYTES = 4 << 20;

/** Outcomes by index, so that several passes over a file verify it once. */
const verified = new WeakMap<McapIndex, Promise<string | undefined>>();

/**
 * Compares the CRC of the data section with its bytes, where the writer gave one: it covers what the CRCs of the chunks do
 * not. @returns what is wrong, if anything; nothing where `signal` aborts.
 */
export async function verifyDataCrc(
  file: RandomAccessFile,
  index: McapIndex,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const known = verified.get(index);
  if (known !== undefined) return await known;
  const outcome = compare(file, index, signal);
  verified.set(index, outcome);
  return await outcome;
}

async function compare(
  file: RandomAccessFile,
  index: McapIndex,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { dataEnd } = index;
  if (dataEnd === undefined || dataEnd.crc === 0) return undefined;
  let crc = 0;
  for (let at = 0; at < dataEnd.offset; at += PIECE_BYTES) {
    if (signal?.aborted) {
      verified.delete(index);
      return undefined;
    }
    const piece = await file.read(at, Math.min(PIECE_BYTES, dataEnd.offset - at)).catch(() => undefined);
    if (piece === undefined) return 'its data section cannot be read to the end';
    crc = crc32(piece, crc);
  }
  return crc === dataEnd.crc
    ? undefined
    : 'its data section does not match its CRC: bytes of it were changed';
}
