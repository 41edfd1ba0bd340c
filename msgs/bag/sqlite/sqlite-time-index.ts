import type { SqlitePages } from './sqlite-pages.js';
import { columnSlots, columnValue, readVarint } from './sqlite-record.js';
import { RowDigest } from './sqlite-row-digest.js';

const LEAF = 0x0a;
const INTERIOR = 0x02;

/**
 * The rows that an index over timestamps lists (rosbag2 has always made one). It is a second account of a table of messages,
 * kept elsewhere in the file. Undefined if the index itself is damaged.
 */
export async function readTimeIndex(pages: SqlitePages, root: number): Promise<RowDigest | undefined> {
  const digest = new RowDigest();
  const visited = new Set<number>();
  const stack = [root];
  for (let number = stack.pop(); number !== undefined; number = stack.pop()) {
    const page = visited.has(number) ? undefined : await pages.page(number);
    visited.add(number);
    const kind = page?.readUInt8(0);
    if (page === undefined || (kind !== LEAF && kind !== INTERIOR)) return undefined;
    const head = kind === LEAF ? 8 : 12;
    const count = page.readUInt16BE(3);
    if (head + 2 * count > page.length) return undefined;
    try {
      if (kind === INTERIOR) stack.push(page.readUInt32BE(8));
      for (let index = 0; index < count; index++) {
        const offset = page.readUInt16BE(head + 2 * index);
        if (kind === INTERIOR) stack.push(page.readUInt32BE(offset));
        addEntry(digest, page, kind === LEAF ? offset : offset + 4);
      }
    } catch {
      return undefined;
    }
    if (stack.length > pages.pageCount) return undefined;
  }
  return digest;
}

/** An entry is a record of the timestamp and the row id. Throws where it is damaged. */
function addEntry(digest: RowDigest, page: Buffer, offset: number): void {
  const length = readVarint(page, offset);
  const entry = page.subarray(length.next, length.next + length.value);
  const [time, row] = columnSlots(entry);
  if (time === undefined || row === undefined) throw new RangeError('index entry without its columns');
  const [timeNs, rowId] = [columnValue(entry, time), columnValue(entry, row)];
  if (typeof timeNs !== 'bigint' || typeof rowId !== 'bigint')
    throw new RangeError('index entry is no number');
  digest.add(Number(rowId), timeNs);
}
