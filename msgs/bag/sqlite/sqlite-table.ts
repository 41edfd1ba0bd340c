import { ReadBudget } from '../read-budget.js';
import type { SqlitePages } from './sqlite-pages.js';
import { columnSlots, columnValue, readVarint, type SqliteValue } from './sqlite-record.js';

const LEAF = 0x0d;
const INTERIOR = 0x05;
/** Page 1 begins with the file header. */
const FIRST_PAGE_OFFSET = 100;

/** Larger rows are followed to their end before memory is taken for them. */
const LARGE_ROW_BYTES = 4 << 20;

/** SQLite's own limit of a row. Source: https://www.sqlite.org/limits.html, SQLITE_MAX_LENGTH. */
const MAX_ROW_BYTES = 1_000_000_000;

/** A row as its leaf page holds it. Long rows go on in a chain of overflow pages. */
export interface LeafCell {
  readonly rowId: number;
  readonly payloadLength: number;
  /** The part of the payload in the leaf. */
  readonly local: Buffer;
  /** First overflow page, 0 if there is none. */
  readonly overflowPage: number;
}

/** Cells of a table leaf page; undefined if the page is none. Damaged cells are left out and counted. */
export function leafCells(
  page: Buffer,
  number: number,
  usableSize: number,
): { cells: readonly (LeafCell | undefined)[]; damaged: number } | undefined {
  const start = number === 1 ? FIRST_PAGE_OFFSET : 0;
  if (page.readUInt8(start) !== LEAF) return undefined;
  const count = page.readUInt16BE(start + 3);
  if (start + 8 + 2 * count > page.length) return undefined;
  const cells: (LeafCell | undefined)[] = [];
  let damaged = 0;
  const taken = new Set<number>();
  for (let index = 0; index < count; index++) {
    const offset = page.readUInt16BE(start + 8 + 2 * index);
    // A row that a page lists twice would be read twice.
    const cell = taken.has(offset) ? undefined : leafCell(page, offset, usableSize);
    taken.add(offset);
    if (cell === undefined) damaged += 1;
    cells.push(cell);
  }
  return { cells, damaged };
}

function leafCell(page: Buffer, offset: number, usableSize: number): LeafCell | undefined {
  try {
    const length = readVarint(page, offset);
    const rowId = readVarint(page, length.next);
    const localLength = localPayload(length.value, usableSize);
    const end = rowId.next + localLength;
    const hasOverflow = localLength < length.value;
    if (end + (hasOverflow ? 4 : 0) > usableSize) return undefined;
    return {
      rowId: rowId.value,
      payloadLength: length.value,
      local: page.subarray(rowId.next, end),
      overflowPage: hasOverflow ? page.readUInt32BE(end) : 0,
    };
  } catch {
    return undefined;
  }
}

/** Bytes of a payload that the leaf keeps. Source: SQLite file format, 1.6 "Cell Payload Overflow Pages". */
function localPayload(length: number, usableSize: number): number {
  const most = usableSize - 35;
  if (length <= most) return length;
  const least = Math.floor(((usableSize - 12) * 32) / 255) - 23;
  const fitting = least + ((length - least) % (usableSize - 4));
  return fitting <= most ? fitting : least;
}

/**
 * The whole payload of a row in a fresh buffer. It is undefined if its overflow chain is broken, or longer than the file or
 * the `budget` allows.
 */
export async function readPayload(
  pages: SqlitePages,
  cell: LeafCell,
  budget: ReadBudget,
): Promise<Buffer | undefined> {
  if (cell.payloadLength > Math.min(pages.storedBytes, MAX_ROW_BYTES)) return undefined;
  if (cell.payloadLength > LARGE_ROW_BYTES && !(await followChain(pages, cell, budget))) return undefined;
  const payload = Buffer.from(new ArrayBuffer(cell.payloadLength));
  let filled = cell.local.copy(payload);
  const isWhole = await followChain(pages, cell, budget, (page) => {
    filled += page.copy(payload, filled, 4, Math.min(pages.usableSize, 4 + payload.length - filled));
  });
  return isWhole ? payload : undefined;
}

/** Visits the overflow pages of a row in their order; returns whether all are there and the budget lasts. */
async function followChain(
  pages: SqlitePages,
  { payloadLength, local, overflowPage }: LeafCell,
  budget: ReadBudget,
  visit?: (page: Buffer) => void,
): Promise<boolean> {
  const count = Math.ceil((payloadLength - local.length) / (pages.usableSize - 4));
  let next = overflowPage;
  // Brent's way to notice a chain that runs in circles: one page is remembered, after twice as many steps another.
  let remembered = 0;
  for (let step = 1, renewal = 1; step <= count; step++) {
    const page = next !== remembered && budget.spend(pages.pageSize) ? await pages.page(next) : undefined;
    if (page === undefined) return false;
    visit?.(page);
    if (step === renewal) {
      remembered = next;
      renewal *= 2;
    }
    next = page.readUInt32BE(0);
  }
  return true;
}

/**
 * Leaf pages of the table whose tree starts at `root`, in row order. Calls `onDamage` for subtrees that are missing
 * or make no sense, and goes on after them.
 */
export async function* leafPages(
  pages: SqlitePages,
  root: number,
  onDamage: () => void,
): AsyncGenerator<{ number: number; page: Buffer }> {
  const visited = new Set<number>();
  const stack = [root];
  for (let number = stack.pop(); number !== undefined; number = stack.pop()) {
    const page = visited.has(number) ? undefined : await pages.page(number);
    visited.add(number);
    const start = number === 1 ? FIRST_PAGE_OFFSET : 0;
    const kind = page?.readUInt8(start);
    if (page !== undefined && kind === LEAF) {
      yield { number, page };
      continue;
    }
    const count = page?.readUInt16BE(start + 3) ?? 0;
    if (page === undefined || kind !== INTERIOR || start + 12 + 2 * count > page.length) {
      onDamage();
      continue;
    }
    const push = (child: number): void => {
      if (pages.has(child) && !visited.has(child)) stack.push(child);
      else onDamage();
    };
    push(page.readUInt32BE(start + 8));
    for (let index = count - 1; index >= 0; index--) {
      const offset = page.readUInt16BE(start + 12 + 2 * index);
      if (offset + 4 <= page.length) push(page.readUInt32BE(offset));
      else onDamage();
    }
  }
}

/** Every readable row of a small table, as records keyed by column name. */
export async function readRows(
  pages: SqlitePages,
  root: number,
  columns: readonly string[],
): Promise<{ rows: ReadonlyMap<string, SqliteValue>[]; isDamaged: boolean }> {
  const rows: ReadonlyMap<string, SqliteValue>[] = [];
  const budget = ReadBudget.ofPlain(pages.storedBytes);
  let isDamaged = false;
  const onDamage = (): void => {
    isDamaged = true;
  };
  for await (const { number, page } of leafPages(pages, root, onDamage)) {
    const leaf = leafCells(page, number, pages.usableSize);
    if (leaf === undefined || leaf.damaged > 0) isDamaged = true;
    for (const cell of leaf?.cells ?? []) {
      const payload = cell && (await readPayload(pages, cell, budget));
      if (cell === undefined || payload === undefined) {
        isDamaged = true;
        continue;
      }
      try {
        const row = new Map<string, SqliteValue>();
        columnSlots(payload).forEach((slot, index) => {
          const name = columns[index];
          if (name !== undefined) row.set(name, columnValue(payload, slot));
        });
        // An `INTEGER PRIMARY KEY` is stored as NULL: the row id is its value.
        for (const [name, value] of row)
          if (name === 'id' && value === null) row.set(name, BigInt(cell.rowId));
        rows.push(row);
      } catch {
        isDamaged = true;
      }
    }
  }
  return { rows, isDamaged };
}
