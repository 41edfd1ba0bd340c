import { MessageError } from '../../errors.js';
import type { BagMessage, BagReader, BagTopic, MessagesOptions } from '../bag-reader.js';
import { loadZstd, type Zstd } from '../compression/zstd.js';
import { RandomAccessFile } from '../files/random-access-file.js';
import { mergeTopics } from '../merge-topics.js';
import type { ProblemLog } from '../problem-log.js';
import { ReadBudget, type ReadLimits, readLimits } from '../read-budget.js';
import { shown } from '../shown.js';
import type { McapIndex } from './mcap-index.js';
import { McapPass } from './mcap-pass.js';
import { MCAP_MAGIC } from './mcap-records.js';
import { scanIndex } from './mcap-scan.js';
import type { McapSection } from './mcap-section.js';
import { readSummary } from './mcap-summary.js';

/** One MCAP file. Holds the chunks whose times overlap the current message, up to a limit. */
export class McapBag implements BagReader {
  readonly path: string;
  readonly topics: readonly BagTopic[];
  readonly startNs?: bigint;
  readonly endNs?: bigint;
  readonly messageCount: number;
  readonly #file: RandomAccessFile;
  readonly #index: McapIndex;
  readonly #zstd: Zstd;
  readonly #log: ProblemLog;
  readonly #limits: ReadLimits;

  private constructor(
    file: RandomAccessFile,
    index: McapIndex,
    zstd: Zstd,
    log: ProblemLog,
    limits: ReadLimits,
  ) {
    this.path = file.path;
    this.#file = file;
    this.#index = index;
    this.#zstd = zstd;
    this.#log = log;
    this.#limits = limits;
    this.topics = mergeTopics(channelTopics(index), file.path, log);
    this.messageCount = [...index.announced.values()].reduce((sum, count) => sum + count, 0);
    for (const { startNs, endNs } of index.sections.filter(hasTimes)) {
      if (this.startNs === undefined || startNs < this.startNs) this.startNs = startNs;
      if (this.endNs === undefined || endNs > this.endNs) this.endNs = endNs;
    }
    this.#reportDefinitions();
  }

  /** Opens the file; throws MessageError if it is no MCAP file at all. */
  static async open(path: string, log: ProblemLog, limits: ReadLimits = readLimits()): Promise<McapBag> {
    return await McapBag.read(await RandomAccessFile.open(path), log, limits);
  }

  /** As `open`, of a file that is open; it is closed with the bag, or when this fails. */
  static async read(file: RandomAccessFile, log: ProblemLog, limits: ReadLimits): Promise<McapBag> {
    const { path } = file;
    try {
      const magic = await file.read(0, MCAP_MAGIC.length);
      if (!magic.equals(MCAP_MAGIC)) {
        throw new MessageError(
          `\`${path}\` is no MCAP file: expected it to start with \`${Buffer.from(MCAP_MAGIC).toString('hex')}\`, got \`${magic.toString('hex')}\``,
          { file: path },
        );
      }
      const zstd = await loadZstd();
      const outcome = await readSummary(file);
      if (outcome.kind === 'damaged') {
        log.add({
          file: path,
          what: 'the index at its end is missing or damaged',
          lost: 'nothing by itself; the file is searched for messages instead',
        });
      }
      const budget = ReadBudget.ofPacked(file.size, limits);
      const summary = outcome.kind === 'present' ? { summary: outcome.summary } : {};
      return new McapBag(file, await scanIndex({ file, zstd, log, budget, ...summary }), zstd, log, limits);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get problems() {
    return this.#log.problems;
  }

  async *messages(options: MessagesOptions = {}): AsyncGenerator<BagMessage> {
    const [file, index, zstd, log, limits] = [this.#file, this.#index, this.#zstd, this.#log, this.#limits];
    yield* new McapPass({ file, index, zstd, log, limits, ...options }).messages();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #reportDefinitions(): void {
    const { channels, schemas } = this.#index.definitions;
    for (const { id, schemaId, topic } of channels.values()) {
      if (schemaId === 0 || schemas.has(schemaId)) continue;
      this.#log.add({
        file: this.path,
        what: `channel ${id} (${shown(topic)}) is of schema ${schemaId}, which the file does not define`,
        lost: 'the type of its messages',
      });
    }
  }
}

/** One entry a channel. */
function channelTopics({ definitions, announced, isCounted }: McapIndex): BagTopic[] {
  return [...definitions.channels.values()].map(({ id, schemaId, topic, encoding, metadata }) => {
    const schema = definitions.schemas.get(schemaId);
    const qos = metadata.get('offered_qos_profiles');
    const isRos2 = schema?.encoding === 'ros2msg';
    return {
      topic,
      type: schema?.name ?? '',
      serialization: encoding,
      ...((isCounted || announced.has(id)) && { messageCount: announced.get(id) ?? 0 }),
      ...(isRos2 && schema.text !== '' ? { definition: schema.text } : {}),
      ...(qos ? { qos } : {}),
    };
  });
}

/** Chunks without messages carry no times. */
function hasTimes({ messageCount, startNs, endNs }: McapSection): boolean {
  return messageCount === undefined ? startNs !== 0n || endNs !== 0n : messageCount > 0;
}
