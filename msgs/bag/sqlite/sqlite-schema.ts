import { MessageError } from '../../errors.js';
import type { SqlitePages } from './sqlite-pages.js';
import { readRows } from './sqlite-table.js';

/** Columns of the table of contents, which starts on page 1. */
const MASTER_COLUMNS = ['type', 'name', 'tbl_name', 'rootpage', 'sql'];

export interface SqliteTable {
  readonly name: string;
  readonly root: number;
  readonly columns: readonly string[];
}

/** The tables of a database by name. Throws MessageError if its table of contents cannot be read. */
export async function readSchema(pages: SqlitePages): Promise<ReadonlyMap<string, SqliteTable>> {
  const { rows, isDamaged } = await readRows(pages, 1, MASTER_COLUMNS);
  const tables = new Map<string, SqliteTable>();
  for (const row of rows) {
    const name = String(row.get('name'));
    const root = Number(row.get('rootpage'));
    if (row.get('type') === 'table')
      tables.set(name, { name, root, columns: columnsOf(String(row.get('sql'))) });
  }
  if (tables.size === 0 && isDamaged) {
    throw new MessageError(
      `\`${pages.path}\`: its table of contents (page 1) is damaged, nothing can be read`,
    );
  }
  return tables;
}

/** Column names of a `CREATE TABLE` statement without nested parentheses, as rosbag2 writes them. */
function columnsOf(sql: string): string[] {
  const body = sql.slice(sql.indexOf('(') + 1, sql.lastIndexOf(')'));
  return body.split(',').map((column) => (column.trim().split(/\s+/)[0] ?? '').replace(/["'`[\]]/g, ''));
}
