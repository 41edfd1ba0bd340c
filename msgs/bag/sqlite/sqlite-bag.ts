import { stat } from 'node:fs/promises';
import { MessageError } from '../../errors.js';
import type { BagMessage, BagReader, BagTopic, MessagesOptions } from '../bag-reader.js';
import { counted } from '../counted.js';
import { mergeTopics } from '../merge-topics.js';
import type { ProblemLog } from '../problem-log.js';
import { ReadBudget } from '../read-budget.js';
import { indexMessages, type MessageIndex, messageColumns, readHead } from './sqlite-message-index.js';
import { SqlitePages } from './sqlite-pages.js';
import { readSchema, type SqliteTable } from './sqlite-schema.js';
import { type LeafCell, leafCells, readPayload, readRows } from './sqlite-table.js';
import { readTimeIndex } from './sqlite-time-index.js';

/**
 * One SQLite file of rosbag2 (`.db3`), any schema version. Reads the file format itself. SQLite proper wants to lock the
 * file, which read-only media refuse. Its WebAssembly build cannot open databases in WAL mode (rosbag2's `resilient`
 * profile). Both give up on damage that leaves most messages readable.
 */
export class SqliteBag implements BagReader {
  readonly path: string;
  readonly topics: readonly BagTopic[];
  readonly startNs?: bigint;
  readonly endNs?: bigint;
  readonly messageCount: number;
  readonly #pages: SqlitePages;
  readonly #messages: SqliteTable;
  readonly #index: MessageIndex;
  readonly #topicsById: ReadonlyMap<number, BagTopic>;
  readonly #log: ProblemLog;

  private constructor(
    pages: SqlitePages,
    messages: SqliteTable,
    index: MessageIndex,
    topicsById: ReadonlyMap<number, BagTopic>,
    log: ProblemLog,
  ) {
    this.path = pages.path;
    this.#pages = pages;
    this.#messages = messages;
    this.#index = index;
    this.#topicsById = topicsById;
    this.#log = log;
    const rows = [...topicsById].map(([id, topic]) => ({
      ...topic,
      messageCount: index.counts.get(id) ?? 0,
    }));
    this.topics = mergeTopics(rows, pages.path, log);
    this.messageCount = index.count;
    if (index.count > 0) {
      this.startNs = index.startNs;
      this.endNs = index.endNs;
    }
  }

  /** Throws MessageError if the file is no rosbag2 database, or too damaged to know its topics. */
  static async open(path: string, log: ProblemLog): Promise<SqliteBag> {
    const pages = await SqlitePages.open(path);
    try {
      const { tables, timeIndexRoot } = await readSchema(pages);
      const [topics, messages] = [tables.get('topics'), tables.get('messages')];
      if (topics === undefined || messages === undefined) {
        const found = [...tables.keys()].map((name) => `\`${name}\``).join(', ') || 'none';
        throw new MessageError(
          `\`${path}\` is no rosbag2 database: expected tables \`topics\` and \`messages\`, found ${found}`,
          { file: path },
        );
      }
      const topicsById = await readTopics(pages, topics, tables.get('message_definitions'), log);
      const index = await indexMessages(pages, messages, new Set(topicsById.keys()));
      await reportDamage(pages, index, log);
      if (timeIndexRoot !== undefined) await compareWithIndex(pages, index, timeIndexRoot, log);
      return new SqliteBag(pages, messages, index, topicsById, log);
    } catch (error) {
      await pages.close();
      throw error;
    }
  }

  get problems() {
    return this.#log.problems;
  }

  async *messages({ topics, signal, fromNs = 0n }: MessagesOptions = {}): AsyncGenerator<BagMessage> {
    const wanted = new Map([...this.#topicsById].filter(([, { topic }]) => topics?.includes(topic) ?? true));
    const columns = messageColumns(this.#messages);
    const budget = ReadBudget.ofPlain(this.#pages.storedBytes);
    let lost = 0;
    let leaf: { page: number; cells: readonly (LeafCell | undefined)[] } = { page: 0, cells: [] };
    try {
      for (let position = 0; position < this.#index.count; position++) {
        if (signal?.aborted) return;
        const topic = wanted.get(this.#index.topicId(position));
        if (topic === undefined) continue;
        const place = this.#index.place(position);
        if (leaf.page !== place.page) {
          const page = await this.#pages.page(place.page);
          const cells = page && leafCells(page, place.page, this.#pages.usableSize)?.cells;
          leaf = { page: place.page, cells: cells ?? [] };
        }
        const cell = leaf.cells[place.cell];
        const head = cell && readHead(cell, columns);
        if (head !== undefined && head.timeNs < fromNs) continue;
        const payload = cell && (await readPayload(this.#pages, cell, budget));
        if (head === undefined || payload === undefined) {
          lost += 1;
          continue;
        }
        yield {
          topic: topic.topic,
          type: topic.type,
          logTimeNs: head.timeNs,
          publishTimeNs: head.timeNs,
          cdr: new Uint8Array(payload.buffer, payload.byteOffset + head.data.offset, head.data.length),
        };
      }
    } finally {
      if (lost > 0) {
        const what = 'parts of messages are missing or damaged';
        this.#log.add({ file: this.path, what, lost: `${lost} of ${this.#index.count} messages` });
      }
    }
  }

  async close(): Promise<void> {
    await this.#pages.close();
  }
}

async function readTopics(
  pages: SqlitePages,
  table: SqliteTable,
  definitions: SqliteTable | undefined,
  log: ProblemLog,
): Promise<Map<number, BagTopic>> {
  const { rows, isDamaged } = await readRows(pages, table.root, table.columns);
  if (isDamaged)
    log.add({ file: pages.path, what: 'the table of topics is damaged', lost: 'topics and their messages' });
  const texts = new Map<string, string>();
  if (definitions !== undefined) {
    for (const row of (await readRows(pages, definitions.root, definitions.columns)).rows) {
      const text = row.get('encoded_message_definition');
      if (row.get('encoding') === 'ros2msg' && typeof text === 'string')
        texts.set(String(row.get('topic_type')), text);
    }
  }
  const topics = new Map<number, BagTopic>();
  for (const row of rows) {
    const type = String(row.get('type') ?? '');
    const definition = texts.get(type);
    const qos = row.get('offered_qos_profiles');
    topics.set(Number(row.get('id')), {
      topic: String(row.get('name') ?? ''),
      type,
      serialization: String(row.get('serialization_format') ?? 'cdr'),
      ...(definition ? { definition } : {}),
      ...(typeof qos === 'string' && qos !== '' ? { qos } : {}),
    });
  }
  return topics;
}

async function reportDamage(pages: SqlitePages, index: MessageIndex, log: ProblemLog): Promise<void> {
  const file = pages.path;
  if (pages.claimedPages > pages.pageCount) {
    log.add({
      file,
      what: `the file is cut off: ${pages.pageCount} of ${pages.claimedPages} pages are there`,
      lost: 'the messages on the missing pages',
    });
  }
  if (index.damagedParts > 0) {
    const lost = `an unknown number of messages; ${index.count} were found, ${index.carved} of them by looking at every page`;
    log.add({ file, what: `${index.damagedParts} parts of the message table are missing or damaged`, lost });
  }
  if (index.strangeRows > 0) {
    const what = 'rows of the message table are no messages of a topic that the file lists';
    log.add({ file, what, lost: counted(index.strangeRows, 'message') });
  }
  const journal = await stat(`${file}-journal`).catch(() => undefined);
  if (journal !== undefined && journal.size > 0) {
    log.add({
      file,
      what: 'a journal lies beside it: the recorder was killed',
      lost: 'possibly the last messages',
    });
  }
}

async function compareWithIndex(
  pages: SqlitePages,
  { digest, count }: MessageIndex,
  root: number,
  log: ProblemLog,
): Promise<void> {
  const listed = await readTimeIndex(pages, root);
  if (listed?.equals(digest)) return;
  const file = pages.path;
  if (listed === undefined) {
    log.add({
      file,
      what: 'its index of timestamps is damaged',
      lost: 'nothing by itself; the table is read without it',
    });
    return;
  }
  const missing = listed.count - digest.count;
  log.add({
    file,
    what: `its index of timestamps lists ${listed.count} messages, the table has ${digest.count}, not the same ones`,
    lost:
      missing > 0
        ? `${counted(missing, 'message')} at least; ${count} can be read`
        : 'unknown; some have another time or place',
  });
}
