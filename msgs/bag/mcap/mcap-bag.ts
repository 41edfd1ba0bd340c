import { MessageError } from '../../errors.js';
import type { BagMessage, BagReader, BagTopic, MessagesOptions } from '../bag-reader.js';
import { loadZstd, type Zstd } from '../compression/zstd.js';
import { RandomAccessFile } from '../files/random-access-file.js';
import type { ProblemLog } from '../problem-log.js';
import { type McapIndex, readSummary } from './mcap-index.js';
import { MCAP_MAGIC, type McapMessage } from './mcap-records.js';
import { scanIndex } from './mcap-scan.js';
import { loadSection, type McapSection } from './mcap-section.js';

interface Cursor {
  readonly messages: readonly McapMessage[];
  next: number;
}

/** One MCAP file. Holds the chunks whose times overlap the current message, no more. */
export class McapBag implements BagReader {
  readonly path: string;
  readonly topics: readonly BagTopic[];
  readonly startNs?: bigint;
  readonly endNs?: bigint;
  readonly messageCount?: number;
  readonly #file: RandomAccessFile;
  readonly #index: McapIndex;
  readonly #zstd: Zstd;
  readonly #log: ProblemLog;

  private constructor(file: RandomAccessFile, index: McapIndex, zstd: Zstd, log: ProblemLog) {
    this.path = file.path;
    this.#file = file;
    this.#index = index;
    this.#zstd = zstd;
    this.#log = log;
    this.topics = [...index.channels.values()].map(({ id, schemaId, topic, encoding, metadata }) => {
      const schema = index.schemas.get(schemaId);
      const qos = metadata.get('offered_qos_profiles');
      const isRos2 = schema?.encoding === 'ros2msg';
      return {
        topic,
        type: schema?.name ?? '',
        serialization: encoding,
        ...(index.messageCounts && { messageCount: index.messageCounts.get(id) ?? 0 }),
        ...(isRos2 && schema.text !== '' ? { definition: schema.text } : {}),
        ...(qos ? { qos } : {}),
      };
    });
    if (index.messageCounts) {
      this.messageCount = [...index.messageCounts.values()].reduce((sum, count) => sum + count, 0);
    }
    const filled = index.sections.filter((section) => !isEmpty(section));
    for (const { startNs, endNs } of filled) {
      if (this.startNs === undefined || startNs < this.startNs) this.startNs = startNs;
      if (this.endNs === undefined || endNs > this.endNs) this.endNs = endNs;
    }
  }

  /** Opens the file; throws MessageError if it is no MCAP file at all. */
  static async open(path: string, log: ProblemLog): Promise<McapBag> {
    const file = await RandomAccessFile.open(path);
    try {
      const magic = await file.read(0, MCAP_MAGIC.length);
      if (!magic.equals(MCAP_MAGIC)) {
        throw new MessageError(
          `\`${path}\` is no MCAP file: expected it to start with \`${Buffer.from(MCAP_MAGIC).toString('hex')}\`, got \`${magic.toString('hex')}\``,
        );
      }
      const zstd = await loadZstd();
      const summary = await readSummary(file);
      if (summary.kind === 'index') return new McapBag(file, summary.index, zstd, log);
      if (summary.kind === 'damaged') {
        log.add({
          file: path,
          what: summary.what,
          lost: 'nothing by itself; the file is searched for messages instead',
        });
      }
      const known = summary.kind === 'absent' ? summary : undefined;
      return new McapBag(file, await scanIndex(file, zstd, log, known), zstd, log);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get problems() {
    return this.#log.problems;
  }

  async *messages({ topics, signal }: MessagesOptions = {}): AsyncGenerator<BagMessage> {
    const channels = new Map<number, { topic: string; type: string }>();
    for (const { id, topic, schemaId } of this.#index.channels.values()) {
      if (topics === undefined || topics.includes(topic)) {
        channels.set(id, { topic, type: this.#index.schemas.get(schemaId)?.name ?? '' });
      }
    }
    const sections = this.#index.sections
      .filter((section) => !isEmpty(section) && isWanted(section, channels))
      .sort((a, b) => (a.startNs < b.startNs ? -1 : a.startNs > b.startNs ? 1 : a.offset - b.offset));

    let cursors: Cursor[] = [];
    let nextSection = 0;
    for (;;) {
      if (signal?.aborted) return;
      let first = earliest(cursors);
      for (let section = sections[nextSection]; section !== undefined; section = sections[++nextSection]) {
        if (first !== undefined && section.startNs > timeOf(first)) break;
        const messages = await this.#load(section, channels);
        if (signal?.aborted) return;
        if (messages.length > 0) cursors.push({ messages, next: 0 });
        first = earliest(cursors);
      }
      if (first === undefined) return;
      const message = first.messages[first.next++];
      if (first.next === first.messages.length) cursors = cursors.filter((cursor) => cursor !== first);
      const channel = message && channels.get(message.channelId);
      if (message === undefined || channel === undefined) continue;
      yield {
        topic: channel.topic,
        type: channel.type,
        logTimeNs: message.logTimeNs,
        publishTimeNs: message.publishTimeNs,
        cdr: message.data,
      };
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #load(section: McapSection, channels: ReadonlyMap<number, unknown>): Promise<readonly McapMessage[]> {
    const { messages, damage } = await loadSection(this.#file, section, this.#zstd);
    if (damage !== undefined) {
      const expected = section.messageCount ?? 'an unknown number of';
      const total = `${expected} messages between ${section.startNs} and ${section.endNs} ns`;
      this.#log.add({
        file: this.path,
        what: `at byte ${section.offset}: ${damage}`,
        lost: messages.length === 0 ? total : `all but the first ${messages.length} of ${total}`,
      });
    }
    return messages.filter(({ channelId }) => channels.has(channelId));
  }
}

/** Chunks without messages carry no times. */
function isEmpty({ messageCount, channelIds, startNs, endNs }: McapSection): boolean {
  return messageCount === 0 || (channelIds === undefined && startNs === 0n && endNs === 0n);
}

function isWanted({ channelIds }: McapSection, channels: ReadonlyMap<number, unknown>): boolean {
  if (channelIds === undefined) return true;
  for (const id of channelIds) if (channels.has(id)) return true;
  return false;
}

function timeOf({ messages, next }: Cursor): bigint {
  return messages[next]?.logTimeNs ?? 0n;
}

function earliest(cursors: readonly Cursor[]): Cursor | undefined {
  let first: Cursor | undefined;
  for (const cursor of cursors) if (first === undefined || timeOf(cursor) < timeOf(first)) first = cursor;
  return first;
}
