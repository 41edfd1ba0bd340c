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

/** What a database holds, by name. */
export interface SqliteContents {
  readonly tables: ReadonlyMap<string, SqliteTable>;
  /** Root page of an index over the timestamps of the messages, if there is one. */
  readonly timeIndexRoot?: number;
}

/** Statements are looked at up to here. */
const MAX_SQL = 10_000;

/** As rosbag2 makes it: \`CREATE INDEX timestamp_idx ON messages (timestamp ASC)\`. */
const TIME_INDEX = /\bon\s+["'`[]?messages["'`\]]?\s*\(\s*["'`[]?timestamp["'`\]]?\s*(asc|desc)?\s*\)\s*$/i;

/** The contents of a database. Throws MessageError if its table of contents cannot be read. */
export async function readSchema(pages: SqlitePages): Promise<SqliteContents> {
  const { rows, isDamaged } = await readRows(pages, 1, MASTER_COLUMNS);
  const tables = new Map<string, SqliteTable>();
  let timeIndexRoot: number | undefined;
  for (const row of rows) {
    const name = String(row.get('name'));
    const root = Number(row.get('rootpage'));
    if (row.get('type') === 'table')
      tables.set(name, { name, root, columns: columnsOf(String(row.get('sql'))) });
    else if (row.get('type') === 'index' && TIME_INDEX.test(String(row.get('sql')).slice(0, MAX_SQL)))
      timeIndexRoot = root;
  }
  if (tables.size === 0 && isDamaged) {
    throw new MessageError(
      `\`${pages.path}\`: its table of contents (page 1) is damaged, nothing can be read`,
    );
  }
  return { tables, ...(timeIndexRoot !== undefined && { timeIndexRoot }) };
}

/** Column names of a `CREATE TABLE` statement without nested parentheses, as rosbag2 writes them. */
function columnsOf(sql: string): string[] {
  const body = sql.slice(sql.indexOf('(') + 1, sql.lastIndexOf(')'));
  return body.split(',').map((column) => (column.trim().split(/\s+/)[0] ?? '').replace(/["'`[\]]/g, ''));
}
