import type { Zstd } from '../compression/zstd.js';
import { counted } from '../counted.js';
import type { RandomAccessFile } from '../files/random-access-file.js';
import type { ProblemLog } from '../problem-log.js';
import type { ReadBudget } from '../read-budget.js';
import { MAX_DEFINITION_BYTES, McapDefinitions } from './mcap-definitions.js';
import type { McapIndex } from './mcap-index.js';
import {
  type McapChunkIndex,
  type McapStatistics,
  opcodes,
  parseChannel,
  parseChunkHeader,
  parseMessageIndexHead,
  parseSchema,
  parseStatistics,
  RECORD_PREFIX,
  type RecordFrame,
} from './mcap-records.js';
import { type McapSection, readSection } from './mcap-section.js';
import type { McapSummary } from './mcap-summary.js';
import type { RecordWindow } from './record-window.js';

/** Messages outside of chunks are gathered into runs of about this size. */
const RUN_BYTES = 4 << 20;

/** What records are collected with. */
export interface McapCollectorOptions {
  readonly file: RandomAccessFile;
  readonly zstd: Zstd;
  readonly log: ProblemLog;
  readonly budget: ReadBudget;
  /** The end of the file, where it has one. */
  readonly summary?: McapSummary;
}

interface Run {
  offset: number;
  end: number;
  startNs: bigint;
  endNs: bigint;
  channelIds: Set<number>;
  messageCount: number;
}

/** Gathers the records that a scan passes, one after the other, into sections, definitions and counts. */
export class McapCollector {
  readonly definitions = new McapDefinitions();
  readonly #file: RandomAccessFile;
  readonly #zstd: Zstd;
  readonly #log: ProblemLog;
  readonly #budget: ReadBudget;
  readonly #window: RecordWindow;
  readonly #sections: McapSection[] = [];
  readonly #counts = new Map<number, number>();
  #statistics: McapStatistics | undefined;
  #dataEnd: McapIndex['dataEnd'];
  #run: Run | undefined;
  #chunk: { section: McapSection; counts: Map<number, number> } | undefined;
  #isCounted = true;
  /** Whether a chunk was passed over, with no other record since than message indexes. */
  #isAfterJump = false;

  constructor({ file, zstd, log, budget, summary }: McapCollectorOptions, window: RecordWindow) {
    this.#file = file;
    this.#zstd = zstd;
    this.#log = log;
    this.#budget = budget;
    this.#window = window;
    this.#statistics = summary?.statistics;
    for (const schema of summary?.schemas ?? []) this.definitions.addSchema(schema);
    for (const channel of summary?.channels ?? []) this.definitions.addChannel(channel);
  }

  /** What the file announces of itself, as far as it was met. */
  get statistics(): McapStatistics | undefined {
    return this.#statistics;
  }

  /** Takes a chunk as the index describes it. */
  async jump({ offset, length, startNs, endNs, channelIds }: McapChunkIndex): Promise<void> {
    await this.settle();
    this.#sections.push({
      ...{ kind: 'chunk', offset, length, startNs, endNs },
      ...(channelIds.size > 0 && { channelIds }),
    });
    this.#isAfterJump = true;
  }

  /** Takes the last jump back: the index was wrong. */
  takeBack(): void {
    this.#sections.pop();
  }

  /** Finishes what is in hand: what comes next does not belong to it. */
  async settle(): Promise<void> {
    await this.#endChunk();
    this.#endRun();
  }

  /** Takes the record at `at`, of which `head` is the beginning. */
  async add(frame: RecordFrame, head: Buffer, at: number, end: number): Promise<void> {
    if (frame.opcode === opcodes.messageIndex) {
      if (!this.#isAfterJump) this.#addMessageIndex(frame, head, at);
      return;
    }
    this.#isAfterJump = false;
    await this.#endChunk();
    if (frame.opcode === opcodes.chunk) {
      this.#endRun();
      const chunk = parseChunkHeader(head, frame.start, frame.end);
      if (chunk === undefined) return;
      const { startNs, endNs } = chunk;
      const section: McapSection = { kind: 'chunk', offset: at, length: end - at, startNs, endNs };
      this.#chunk = { section, counts: new Map() };
    } else if (frame.opcode === opcodes.message) {
      this.#addMessage(head, frame.start, at, end);
    } else if (frame.opcode === opcodes.schema || frame.opcode === opcodes.channel) {
      await this.#addDefinition(frame, at, end);
      if (this.#run !== undefined) this.#run.end = end;
    } else {
      this.#endRun();
      await this.#addEnding(frame, at, end);
    }
  }

  /** A chunk has one message index a channel; another one is that of a chunk that is not there. */
  #addMessageIndex(frame: RecordFrame, head: Buffer, at: number): void {
    if (frame.end - frame.start < 6) return;
    const { channelId, messageCount } = parseMessageIndexHead(head, frame.start);
    if (messageCount === 0) return;
    if (this.#chunk !== undefined && !this.#chunk.counts.has(channelId)) {
      this.#chunk.counts.set(channelId, messageCount);
      return;
    }
    this.#log.add({
      file: this.#file.path,
      what: `at byte ${at}: message index of channel ${channelId} without its chunk`,
      lost: `${counted(messageCount, 'message')}, unless found elsewhere`,
    });
  }

  /** Records that stand where the data section ends, or after it. */
  async #addEnding(frame: RecordFrame, at: number, end: number): Promise<void> {
    if (frame.opcode === opcodes.dataEnd && frame.end - frame.start >= 4) {
      const crc = (await this.#window.at(at, RECORD_PREFIX + 4)).readUInt32LE(RECORD_PREFIX);
      this.#dataEnd ??= { offset: at, crc };
    } else if (frame.opcode === opcodes.statistics && end - at <= MAX_DEFINITION_BYTES) {
      try {
        this.#statistics ??= parseStatistics(await this.#window.at(at, end - at), frame.start, frame.end);
      } catch {
        // Damaged statistics announce nothing.
      }
    }
  }

  #addMessage(head: Buffer, start: number, at: number, end: number): void {
    const channelId = head.readUInt16LE(start);
    const timeNs = head.readBigUInt64LE(start + 6);
    this.#count(channelId, 1);
    if (this.#run === undefined) {
      this.#run = {
        offset: at,
        end,
        startNs: timeNs,
        endNs: timeNs,
        channelIds: new Set([channelId]),
        messageCount: 1,
      };
    } else {
      this.#run.end = end;
      this.#run.messageCount += 1;
      this.#run.channelIds.add(channelId);
      if (timeNs < this.#run.startNs) this.#run.startNs = timeNs;
      if (timeNs > this.#run.endNs) this.#run.endNs = timeNs;
    }
    if (end - this.#run.offset >= RUN_BYTES) this.#endRun();
  }

  async #addDefinition(frame: RecordFrame, at: number, end: number): Promise<void> {
    try {
      if (end - at > MAX_DEFINITION_BYTES) throw new RangeError('definition is too long');
      const bytes = await this.#window.at(at, end - at);
      if (frame.opcode === opcodes.schema)
        this.definitions.addSchema(parseSchema(bytes, frame.start, frame.end));
      else this.definitions.addChannel(parseChannel(bytes, frame.start, frame.end));
    } catch {
      this.#log.add({
        file: this.#file.path,
        what: `damaged definition record at byte ${at}`,
        lost: 'the topic that it defines, if it is defined nowhere else',
      });
    }
  }

  /** A chunk that ends early, where the file or the sense ends. */
  async addCut(frame: RecordFrame, head: Buffer, at: number, end: number): Promise<void> {
    await this.settle();
    const chunk = parseChunkHeader(head, frame.start, frame.end);
    if (chunk === undefined) return;
    const { startNs, endNs } = chunk;
    this.#chunk = {
      section: { kind: 'chunk', offset: at, length: end - at, startNs, endNs, cut: true },
      counts: new Map(),
    };
    await this.#endChunk();
  }

  /** Finishes the chunk in hand; its content is only read where its message indexes leave a question open. */
  async #endChunk(): Promise<void> {
    const chunk = this.#chunk;
    if (chunk === undefined) return;
    this.#chunk = undefined;
    let { counts } = chunk;
    let isWhole = !chunk.section.cut;
    const isIndexed = counts.size > 0 && [...counts.keys()].every((id) => this.definitions.isKnown(id));
    if (!isIndexed) {
      const found = new Map<number, number>();
      const damage = await readSection(this.#file, chunk.section, this.#zstd, this.#budget, {
        schema: (schema) => this.definitions.addSchema(schema),
        channel: (channel) => this.definitions.addChannel(channel),
        message: (records, start) => {
          const channelId = records.readUInt16LE(start);
          found.set(channelId, (found.get(channelId) ?? 0) + 1);
        },
      });
      isWhole = damage === undefined;
      if (!isWhole && counts.size === 0) this.#isCounted = false;
      // What a damaged chunk announces stays announced: it is what is lost.
      if (counts.size === 0) counts = found;
    }
    for (const [id, count] of counts) this.#count(id, count);
    let messageCount = 0;
    for (const count of counts.values()) messageCount += count;
    // Without its channels the section is loaded whatever is asked for, and so its damage is reported.
    const contents = isWhole ? { channelIds: new Set(counts.keys()), messageCount } : {};
    this.#sections.push({ ...chunk.section, ...contents });
  }

  #endRun(): void {
    if (this.#run === undefined) return;
    const { offset, end, startNs, endNs, channelIds, messageCount } = this.#run;
    this.#sections.push({
      kind: 'run',
      offset,
      length: end - offset,
      startNs,
      endNs,
      channelIds,
      messageCount,
    });
    this.#run = undefined;
  }

  #count(channelId: number, messages: number): void {
    this.#counts.set(channelId, (this.#counts.get(channelId) ?? 0) + messages);
  }

  /** Says whether as many chunks were found as announced. */
  compareChunks(): void {
    const announced = this.#statistics?.chunkCount;
    const found = this.#sections.filter(({ kind }) => kind === 'chunk').length;
    if (announced === undefined || announced === found) return;
    const missing = announced - found;
    this.#log.add({
      file: this.#file.path,
      what: `its statistics announce ${counted(announced, 'chunk')}, found are ${found}`,
      lost: missing > 0 ? `what was in ${counted(missing, 'chunk')}` : 'nothing by itself',
    });
  }

  index(): McapIndex {
    return {
      sections: this.#sections,
      definitions: this.definitions,
      announced: this.#statistics?.messageCounts ?? this.#counts,
      isCounted: this.#statistics !== undefined || this.#isCounted,
      announcedBy: this.#statistics === undefined ? 'message indexes' : 'statistics',
      ...(this.#dataEnd && { dataEnd: this.#dataEnd }),
    };
  }
}
