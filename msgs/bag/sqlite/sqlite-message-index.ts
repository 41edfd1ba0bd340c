import type { SqlitePages } from './sqlite-pages.js';
import { type ColumnSlot, columnSlots, columnValue, isBlob } from './sqlite-record.js';
import { RowDigest } from './sqlite-row-digest.js';
import type { SqliteTable } from './sqlite-schema.js';
import { type LeafCell, leafCells, leafPages } from './sqlite-table.js';

/** Where a message lies: its leaf page and the number of its cell there. */
export interface MessagePlace {
  readonly page: number;
  readonly cell: number;
}

export interface MessageHead {
  readonly topicId: number;
  readonly timeNs: bigint;
  readonly data: ColumnSlot;
}

/** The messages of a database in log time order: 26 bytes of memory each. */
export interface MessageIndex {
  readonly count: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly counts: ReadonlyMap<number, number>;
  /** Parts of the table that could not be read. */
  readonly damagedParts: number;
  /** Rows of the table that are no messages of a known topic. */
  readonly strangeRows: number;
  /** Sums over all messages, for a comparison with the table's own index. */
  readonly digest: RowDigest;
  /** Messages found by looking at every page, because the tree that leads to them is damaged. */
  readonly carved: number;
  topicId(position: number): number;
  place(position: number): MessagePlace;
}

/** Finds every message by its leaf page, reading no more than these; a damaged table is searched page by page. */
export async function indexMessages(
  pages: SqlitePages,
  table: SqliteTable,
  topicIds: ReadonlySet<number>,
): Promise<MessageIndex> {
  const columns = messageColumns(table);
  const rows = new RowTable();
  const visited = new Set<number>();
  const digest = new RowDigest();
  let damagedParts = 0;
  let strangeRows = 0;
  const onDamage = (): void => {
    damagedParts += 1;
  };
  const addPage = (page: Buffer, number: number): void => {
    const leaf = leafCells(page, number, pages.usableSize);
    if (leaf === undefined) {
      damagedParts += 1;
      return;
    }
    visited.add(number);
    damagedParts += leaf.damaged;
    leaf.cells.forEach((cell, index) => {
      if (cell === undefined) return;
      const head = readHead(cell, columns);
      if (head === undefined) strangeRows += 1;
      else {
        digest.add(cell.rowId, head.timeNs);
        if (topicIds.has(head.topicId)) rows.add(head, number, index);
        else strangeRows += 1;
      }
    });
  };
  for await (const { number, page } of leafPages(pages, table.root, onDamage)) addPage(page, number);

  const found = rows.length;
  if (damagedParts > 0) {
    for (const number of pages.numbers()) {
      if (number === 1 || visited.has(number)) continue;
      const page = await pages.page(number);
      if (page?.readUInt8(0) !== 0x0d) continue;
      const leaf = leafCells(page, number, pages.usableSize);
      if (leaf?.cells.some((cell) => cell !== undefined && readHead(cell, columns) !== undefined))
        addPage(page, number);
    }
  }
  return { ...rows.index(), damagedParts, strangeRows, digest, carved: rows.length - found };
}

/** Positions of the columns in the table; rosbag2 has always had them in this order. */
export function messageColumns({ columns }: SqliteTable): { topic: number; time: number; data: number } {
  const at = (name: string, usual: number): number => {
    const index = columns.indexOf(name);
    return index >= 0 ? index : usual;
  };
  return { topic: at('topic_id', 1), time: at('timestamp', 2), data: at('data', 3) };
}

/** The fields of a message row but its data; undefined if the row is no message. */
export function readHead(
  cell: LeafCell,
  columns: { topic: number; time: number; data: number },
): MessageHead | undefined {
  try {
    const slots = columnSlots(cell.local);
    const [topic, time, data] = [slots[columns.topic], slots[columns.time], slots[columns.data]];
    if (topic === undefined || time === undefined || data === undefined || !isBlob(data)) return undefined;
    const topicId = columnValue(cell.local, topic);
    const timeNs = columnValue(cell.local, time);
    if (typeof topicId !== 'bigint' || typeof timeNs !== 'bigint' || timeNs < 0n) return undefined;
    if (data.offset + data.length > cell.payloadLength) return undefined;
    return { topicId: Number(topicId), timeNs, data };
  } catch {
    return undefined;
  }
}

/** Growing columns of numbers; times are kept relative to the first, exact within 104 days of it. */
class RowTable {
  length = 0;
  #baseNs = 0n;
  #times = new Float64Array(1024);
  #topics = new Float64Array(1024);
  #pages = new Uint32Array(1024);
  #cells = new Uint16Array(1024);
  readonly #counts = new Map<number, number>();

  add({ topicId, timeNs }: MessageHead, page: number, cell: number): void {
    if (this.length === 0) this.#baseNs = timeNs;
    if (this.length === this.#times.length) this.#grow();
    this.#times[this.length] = Number(timeNs - this.#baseNs);
    this.#topics[this.length] = topicId;
    this.#pages[this.length] = page;
    this.#cells[this.length] = cell;
    this.#counts.set(topicId, (this.#counts.get(topicId) ?? 0) + 1);
    this.length += 1;
  }

  index(): Omit<MessageIndex, 'damagedParts' | 'strangeRows' | 'digest' | 'carved'> {
    const times = this.#times;
    const order = Uint32Array.from({ length: this.length }, (_, row) => row);
    order.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
    const timeNs = (position: number): bigint => this.#baseNs + BigInt(times[order[position] ?? 0] ?? 0);
    return {
      count: this.length,
      startNs: timeNs(0),
      endNs: timeNs(this.length - 1),
      counts: this.#counts,
      topicId: (position) => this.#topics[order[position] ?? 0] ?? 0,
      place: (position) => {
        const row = order[position] ?? 0;
        return { page: this.#pages[row] ?? 0, cell: this.#cells[row] ?? 0 };
      },
    };
  }

  #grow(): void {
    const size = 2 * this.length;
    const grown = { times: new Float64Array(size), topics: new Float64Array(size) };
    grown.times.set(this.#times);
    grown.topics.set(this.#topics);
    const pages = new Uint32Array(size);
    pages.set(this.#pages);
    const cells = new Uint16Array(size);
    cells.set(this.#cells);
    [this.#times, this.#topics, this.#pages, this.#cells] = [grown.times, grown.topics, pages, cells];
  }
}
