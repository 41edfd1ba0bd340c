import type { RandomAccessFile } from '../files/random-access-file.js';

const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC_LITTLE = 0x377f0682;
const MAGIC_BIG = 0x377f0683;

/** What a write-ahead log adds to its database: where the newest committed version of each page is. */
export interface WalContent {
  readonly pageOffsets: ReadonlyMap<number, number>;
  /** Size of the database in pages after the last commit. */
  readonly pageCount: number;
}

/** Reads the committed frames of a log; undefined if there are none. Source: SQLite file format, section 4. */
export async function readWal(wal: RandomAccessFile, pageSize: number): Promise<WalContent | undefined> {
  const header = await wal.read(0, WAL_HEADER_BYTES);
  if (header.length < WAL_HEADER_BYTES) return undefined;
  const magic = header.readUInt32BE(0);
  if ((magic !== MAGIC_LITTLE && magic !== MAGIC_BIG) || header.readUInt32BE(8) !== pageSize)
    return undefined;
  const isBig = magic === MAGIC_BIG;
  let sum = checksum(header.subarray(0, 24), isBig, [0, 0]);
  if (sum[0] !== header.readUInt32BE(24) || sum[1] !== header.readUInt32BE(28)) return undefined;

  const committed = new Map<number, number>();
  const pending = new Map<number, number>();
  let pageCount = 0;
  const frameBytes = FRAME_HEADER_BYTES + pageSize;
  for (let at = WAL_HEADER_BYTES; at + frameBytes <= wal.size; at += frameBytes) {
    const frame = await wal.read(at, frameBytes);
    if (!frame.subarray(8, 16).equals(header.subarray(16, 24))) break; // left over from an earlier log
    sum = checksum(frame.subarray(0, 8), isBig, sum);
    sum = checksum(frame.subarray(FRAME_HEADER_BYTES), isBig, sum);
    if (sum[0] !== frame.readUInt32BE(16) || sum[1] !== frame.readUInt32BE(20)) break;
    pending.set(frame.readUInt32BE(0), at + FRAME_HEADER_BYTES);
    const sizeAfterCommit = frame.readUInt32BE(4);
    if (sizeAfterCommit === 0) continue;
    for (const [page, offset] of pending) committed.set(page, offset);
    pending.clear();
    pageCount = sizeAfterCommit;
  }
  return committed.size > 0 ? { pageOffsets: committed, pageCount } : undefined;
}

function checksum(bytes: Buffer, isBig: boolean, seed: readonly [number, number]): [number, number] {
  let [a, b] = seed;
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    a = (a + (isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + b) >>> 0;
    b = (b + (isBig ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + a) >>> 0;
  }
  return [a, b];
}
