import { compareCounts } from '../announced-counts.js';
import type { BagMessage, MessagesOptions } from '../bag-reader.js';
import type { Zstd } from '../compression/zstd.js';
import { counted } from '../counted.js';
import type { RandomAccessFile } from '../files/random-access-file.js';
import { MessageHeap } from '../message-heap.js';
import type { ProblemLog } from '../problem-log.js';
import { MESSAGE_WORK, ReadBudget, type ReadLimits } from '../read-budget.js';
import { verifyDataCrc } from './mcap-data-crc.js';
import type { McapIndex } from './mcap-index.js';
import type { McapChannel } from './mcap-records.js';
import { type McapSection, readSection } from './mcap-section.js';
import { MessageTable } from './message-table.js';

export interface McapPassOptions extends MessagesOptions {
  readonly file: RandomAccessFile;
  readonly index: McapIndex;
  readonly zstd: Zstd;
  readonly log: ProblemLog;
  readonly limits: ReadLimits;
}

/** A section in memory, and how far it has been handed out. */
interface Cursor {
  readonly table: MessageTable;
  readonly rank: number;
  next: number;
  timeNs: bigint;
}

/** One reading of a file from begin to end. What it finds missing at the end is compared with what was announced. */
export class McapPass {
  readonly #options: McapPassOptions;
  readonly #budget: ReadBudget;
  /** Topic and type of the channels asked for. */
  readonly #wanted = new Map<number, { readonly topic: string; readonly type: string }>();
  readonly #read = new Map<number, number>();
  /** Messages of channels that are defined nowhere. */
  readonly #undefined = new Map<number, number>();
  readonly #cursors = new MessageHeap<Cursor>();
  #heldBytes = 0;

  constructor(options: McapPassOptions) {
    this.#options = options;
    this.#budget = ReadBudget.ofPacked(options.file.size, options.limits);
    for (const channel of options.index.definitions.channels.values()) this.#want(channel);
  }

  async *messages(): AsyncGenerator<BagMessage> {
    const { index, signal, limits } = this.#options;
    const sections = index.sections
      .filter((section) => section.messageCount !== 0 && this.#isWanted(section))
      .sort((a, b) => (a.startNs < b.startNs ? -1 : a.startNs > b.startNs ? 1 : a.offset - b.offset));
    let nextSection = 0;
    let lastNs = 0n;
    let late = 0;
    for (;;) {
      if (signal?.aborted) return;
      let first = this.#cursors.first;
      for (let section = sections[nextSection]; section !== undefined; section = sections[nextSection]) {
        if (first !== undefined && (section.startNs > first.timeNs || this.#heldBytes > limits.heldBytes))
          break;
        await this.#load(section, nextSection++);
        if (signal?.aborted) return;
        first = this.#cursors.first;
      }
      if (first === undefined) break;
      const { channelId, logTimeNs, publishTimeNs, data } = first.table.message(first.next);
      this.#advance(first);
      const channel = this.#wanted.get(channelId);
      if (channel === undefined) continue;
      if (logTimeNs < lastNs) late += 1;
      else lastNs = logTimeNs;
      this.#read.set(channelId, (this.#read.get(channelId) ?? 0) + 1);
      yield { topic: channel.topic, type: channel.type, logTimeNs, publishTimeNs, cdr: data };
    }
    if (this.#options.fromNs === undefined) await this.#conclude(late);
  }

  #want(channel: McapChannel): void {
    const { topics, index } = this.#options;
    if (topics !== undefined && !topics.includes(channel.topic)) return;
    const type = index.definitions.schemas.get(channel.schemaId)?.name ?? '';
    this.#wanted.set(channel.id, { topic: channel.topic, type });
  }

  #isWanted({ channelIds, endNs }: McapSection): boolean {
    const { fromNs } = this.#options;
    if (fromNs !== undefined && endNs !== 0n && endNs < fromNs) return false;
    if (channelIds === undefined) return true;
    const { channels } = this.#options.index.definitions;
    for (const id of channelIds) if (this.#wanted.has(id) || !channels.has(id)) return true;
    return false;
  }

  #advance(cursor: Cursor): void {
    cursor.next += 1;
    if (cursor.next < cursor.table.length) {
      cursor.timeNs = cursor.table.timeNs(cursor.next);
      this.#cursors.firstChanged();
    } else {
      this.#cursors.removeFirst();
      this.#heldBytes -= cursor.table.heldBytes;
    }
  }

  async #load(section: McapSection, rank: number): Promise<void> {
    const { file, zstd, index, fromNs = 0n } = this.#options;
    const { definitions } = index;
    let table: MessageTable | undefined;
    let found = 0;
    let skipped = 0;
    const damage = await readSection(file, section, zstd, this.#budget, {
      begin: (records) => {
        table = new MessageTable(records);
      },
      // What only the chunk itself defines.
      schema: (schema) => definitions.addSchema(schema),
      channel: (channel) => {
        if (definitions.addChannel(channel)) this.#want(channel);
      },
      message: (records, start) => {
        found += 1;
        const channelId = records.readUInt16LE(start);
        if (!this.#wanted.has(channelId)) {
          if (!definitions.channels.has(channelId))
            this.#undefined.set(channelId, (this.#undefined.get(channelId) ?? 0) + 1);
        } else if (fromNs > 0n && records.readBigUInt64LE(start + 6) < fromNs) {
          // Before what is asked for.
        } else if (this.#budget.spend(MESSAGE_WORK)) table?.add(start);
        else skipped += 1;
      },
    });
    if (damage !== undefined) this.#reportDamage(section, damage, found);
    if (skipped > 0) {
      const what = `at byte ${section.offset}: more messages than the budget of its file has room for`;
      this.#report(what, `${counted(skipped, 'message')} between ${section.startNs} and ${section.endNs} ns`);
    }
    if (table === undefined || table.length === 0) return;
    table.sort();
    this.#heldBytes += table.heldBytes;
    this.#cursors.push({ table, rank, next: 0, timeNs: table.timeNs(0) });
  }

  #reportDamage(section: McapSection, damage: string, found: number): void {
    const expected = section.messageCount ?? 'an unknown number of';
    const total = `${expected} messages between ${section.startNs} and ${section.endNs} ns`;
    this.#report(
      `at byte ${section.offset}: ${damage}`,
      found === 0 ? total : `all but the first ${found} of ${total}`,
    );
  }

  /** What can only be said at the end of a complete pass. */
  async #conclude(late: number): Promise<void> {
    const { file, index, log, signal } = this.#options;
    if (late > 0) {
      const what = `${counted(late, 'message')} came after later ones: chunks announce other times than they hold, or overlap too much`;
      this.#report(what, 'nothing but the order');
    }
    for (const [id, count] of this.#undefined)
      this.#report(`channel ${id} is defined nowhere in the file`, counted(count, 'message'));
    const byTopic = (counts: ReadonlyMap<number, number>): Map<string, number> => {
      const sums = new Map<string, number>();
      for (const [id, { topic }] of this.#wanted)
        sums.set(topic, (sums.get(topic) ?? 0) + (counts.get(id) ?? 0));
      return sums;
    };
    for (const which of index.definitions.contradictions)
      this.#report(
        `${which} is defined in two ways; the first counts`,
        'nothing, unless its messages are of the other',
      );
    compareCounts(byTopic(index.announced), byTopic(this.#read), {
      ...{ file: file.path, log, source: `its ${index.announcedBy}` },
    });
    const orphans = [...index.announced].filter(([id]) => !index.definitions.channels.has(id));
    for (const [id, count] of orphans) {
      if (count > 0 && !this.#undefined.has(id))
        this.#report(
          `channel ${id}, which is defined nowhere, is announced to have messages`,
          counted(count, 'message'),
        );
    }
    const damage = await verifyDataCrc(file, index, signal);
    if (damage !== undefined) this.#report(damage, 'unknown; what else is wrong is said beside');
  }

  #report(what: string, lost: string): void {
    const { file, log } = this.#options;
    log.add({ file: file.path, what, lost });
  }
}
