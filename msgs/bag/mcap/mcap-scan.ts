import type { Zstd } from '../compression/zstd.js';
import { counted } from '../counted.js';
import type { RandomAccessFile } from '../files/random-access-file.js';
import type { ProblemLog } from '../problem-log.js';
import type { ReadBudget } from '../read-budget.js';
import { DamageReport } from './damage-report.js';
import { MAX_DEFINITION_BYTES, McapDefinitions } from './mcap-definitions.js';
import type { McapIndex } from './mcap-index.js';
import {
  COMPRESSIONS,
  isKnownOpcode,
  MCAP_MAGIC,
  type McapChunkIndex,
  type McapStatistics,
  MESSAGE_FIXED,
  opcodes,
  parseChannel,
  parseChunkHeader,
  parseMessageIndexHead,
  parseSchema,
  parseStatistics,
  RECORD_PREFIX,
  type RecordFrame,
  recordFrame,
} from './mcap-records.js';
import { McapSearch } from './mcap-search.js';
import { type McapSection, readSection } from './mcap-section.js';
import type { McapSummary } from './mcap-summary.js';

/** Enough for the fixed part of every record, with short names. */
const HEAD_BYTES = 256;
const WINDOW_BYTES = 64 << 10;
/** Zeros behind the last record up to this size are no loss. */
const BLANK_BYTES = 64 << 10;
/** Messages outside of chunks are gathered into runs of about this size. */
const RUN_BYTES = 4 << 20;
/** How many bytes may be walked over again in search of sense, for each of the file. */
const MOST_REPEATS = 2;

/** What a scan works with. */
export interface McapScanOptions {
  readonly file: RandomAccessFile;
  readonly zstd: Zstd;
  readonly log: ProblemLog;
  readonly budget: ReadBudget;
  /** The end of the file, where it has one. */
  readonly summary?: McapSummary;
}

/**
 * Finds everything in a file by walking over the records of its data section. Chunks that the summary describes are
 * passed over by it; of everything else little more than the heads is read. Where a record makes no sense, the next
 * chunk or message that does is searched for.
 */
export async function scanIndex(options: McapScanOptions): Promise<McapIndex> {
  return await new Scan(options).run();
}

interface Run {
  offset: number;
  end: number;
  startNs: bigint;
  endNs: bigint;
  channelIds: Set<number>;
  messageCount: number;
}

class Scan {
  readonly #file: RandomAccessFile;
  readonly #zstd: Zstd;
  readonly #log: ProblemLog;
  readonly #budget: ReadBudget;
  readonly #summary: McapSummary | undefined;
  /** Where the data section ends, as far as that is known. */
  readonly #end: number;
  readonly #definitions = new McapDefinitions();
  readonly #search: McapSearch;
  readonly #damage: DamageReport;
  readonly #sections: McapSection[] = [];
  readonly #counts = new Map<number, number>();
  #statistics: McapStatistics | undefined;
  #dataEnd: McapIndex['dataEnd'];
  #run: Run | undefined;
  #chunk: { section: McapSection; counts: Map<number, number> } | undefined;
  #window: { offset: number; bytes: Buffer } = { offset: 0, bytes: Buffer.alloc(0) };
  #repeats: number;
  #isCounted = true;
  /** Whether a chunk was passed over, with no other record since than message indexes. */
  #isAfterJump = false;

  constructor({ file, zstd, log, budget, summary }: McapScanOptions) {
    this.#file = file;
    this.#zstd = zstd;
    this.#log = log;
    this.#budget = budget;
    this.#summary = summary;
    this.#end = summary?.start ?? file.size;
    this.#statistics = summary?.statistics;
    this.#repeats = MOST_REPEATS * file.size;
    this.#search = new McapSearch(file, this.#end, (id) => this.#definitions.channels.has(id));
    this.#damage = new DamageReport(file.path, file.size, log);
    for (const schema of summary?.schemas ?? []) this.#definitions.addSchema(schema);
    for (const channel of summary?.channels ?? []) this.#definitions.addChannel(channel);
  }

  async run(): Promise<McapIndex> {
    await this.#walk();
    await this.#endChunk();
    this.#endRun();
    this.#damage.end();
    this.#compareChunks();
    return {
      sections: this.#sections,
      definitions: this.#definitions,
      announced: this.#statistics?.messageCounts ?? this.#counts,
      isCounted: this.#statistics !== undefined || this.#isCounted,
      announcedBy: this.#statistics === undefined ? 'message indexes' : 'statistics',
      ...(this.#dataEnd && { dataEnd: this.#dataEnd }),
    };
  }

  async #walk(): Promise<void> {
    let at = MCAP_MAGIC.length;
    /** Where a search for sense starts: after the last record that certainly was one. */
    let trusted = at;
    let isPastData = false;
    let jump: { readonly from: number; readonly to: number } | undefined;
    while (at < this.#end) {
      const to = await this.#jump(at);
      if (to !== undefined) {
        jump = { from: at, to };
        at = to;
        trusted = at - 1;
        continue;
      }
      const head = await this.#at(at, HEAD_BYTES);
      const frame = recordFrame(head, 0);
      const verdict = this.#judge(frame, head, at);
      if (frame !== undefined && verdict === 'footer') {
        if (await this.#isEnd(at + frame.end)) break;
        at = await this.#afterFooter(at, at + frame.end);
        trusted = at - 1;
        isPastData = false;
        continue;
      }
      if (frame === undefined || verdict === 'senseless') {
        if (jump?.to === at) {
          // The index is wrong about this chunk: it is read like one that has no index.
          this.#summary?.chunks.delete(jump.from);
          this.#sections.pop();
          at = jump.from;
          jump = undefined;
          continue;
        }
        const next = await this.#afterNonsense(at, trusted, isPastData);
        if (next === undefined) break;
        at = next;
        trusted = at;
        continue;
      }
      const end = at + frame.end;
      if (verdict === 'cut') {
        const next = await this.#search.next(at + RECORD_PREFIX, [opcodes.chunk]);
        await this.#addCut(frame, head, at, next ?? this.#file.size);
        if (next === undefined) break;
        at = next;
        trusted = at;
        continue;
      }
      await this.#add(frame, head, at, end);
      if (verdict === 'certain') {
        trusted = end - 1;
        isPastData = false;
      } else if (frame.opcode === opcodes.dataEnd) isPastData = true;
      at = end;
    }
  }

  /** Takes a chunk from the index, if one begins at `at` of which that says enough. @returns where it ends. */
  async #jump(at: number): Promise<number | undefined> {
    const chunk = this.#summary?.chunks.get(at);
    if (chunk === undefined || !this.#isTrustworthy(chunk)) return undefined;
    await this.#endChunk();
    this.#endRun();
    const { startNs, endNs, length, channelIds, messageIndexLength } = chunk;
    this.#sections.push({
      ...{ kind: 'chunk', offset: at, length, startNs, endNs },
      ...(channelIds.size > 0 && { channelIds }),
    });
    this.#isAfterJump = true;
    const end = at + length + messageIndexLength;
    return end <= this.#end ? end : at + length;
  }

  #isTrustworthy({ offset, length, startNs, endNs, channelIds }: McapChunkIndex): boolean {
    if (
      this.#statistics === undefined ||
      length < RECORD_PREFIX ||
      offset + length > this.#end ||
      startNs > endNs
    )
      return false;
    const { channels } = this.#definitions;
    const ids = channelIds.size > 0 ? channelIds : channels.keys();
    for (const id of ids) if (!this.#definitions.isKnown(id)) return false;
    return channelIds.size > 0 || channels.size === this.#statistics.channelCount;
  }

  /** Reports nonsense at `at`; returns where there is sense again, after `trusted`. */
  async #afterNonsense(at: number, trusted: number, isPastData: boolean): Promise<number | undefined> {
    // What was walked over may have been an illusion; how often that is believed is bounded.
    const again = at - trusted;
    const from = again <= this.#repeats ? trusted + 1 : at + 1;
    if (from <= at) this.#repeats -= again;
    const next = await this.#search.next(from, [opcodes.chunk, opcodes.message]);
    await this.#endChunk();
    this.#endRun();
    // Behind the data only the index can be damaged, which is said elsewhere.
    if (next !== undefined || !(isPastData || (await this.#isBlankFrom(at))))
      this.#damage.add(next !== undefined && next <= at ? trusted : at, next);
    return next;
  }

  /** How far a record can be believed, from its head alone. */
  #judge(
    frame: RecordFrame | undefined,
    head: Buffer,
    at: number,
  ): 'footer' | 'senseless' | 'cut' | 'certain' | 'plausible' {
    if (frame === undefined || !isKnownOpcode(frame.opcode)) return 'senseless';
    if (frame.opcode === opcodes.footer) return frame.end - frame.start === 20 ? 'footer' : 'senseless';
    const isCut = at + frame.end > this.#file.size;
    if (frame.opcode === opcodes.chunk) {
      const chunk = parseChunkHeader(head, frame.start, frame.end);
      if (chunk === undefined || !COMPRESSIONS.includes(chunk.compression)) return 'senseless';
      return isCut ? 'cut' : 'certain';
    }
    if (isCut) return 'senseless';
    if (frame.opcode === opcodes.message) {
      if (frame.end - frame.start < MESSAGE_FIXED) return 'senseless';
      return this.#definitions.channels.has(head.readUInt16LE(frame.start)) ? 'certain' : 'senseless';
    }
    return 'plausible';
  }

  async #add(frame: RecordFrame, head: Buffer, at: number, end: number): Promise<void> {
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
      const crc = (await this.#at(at, RECORD_PREFIX + 4)).readUInt32LE(RECORD_PREFIX);
      this.#dataEnd ??= { offset: at, crc };
    } else if (frame.opcode === opcodes.statistics && end - at <= MAX_DEFINITION_BYTES) {
      try {
        this.#statistics ??= parseStatistics(await this.#at(at, end - at), frame.start, frame.end);
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
      const bytes = await this.#at(at, end - at);
      if (frame.opcode === opcodes.schema)
        this.#definitions.addSchema(parseSchema(bytes, frame.start, frame.end));
      else this.#definitions.addChannel(parseChannel(bytes, frame.start, frame.end));
    } catch {
      this.#log.add({
        file: this.#file.path,
        what: `damaged definition record at byte ${at}`,
        lost: 'the topic that it defines, if it is defined nowhere else',
      });
    }
  }

  /** A chunk that ends early, where the file or the sense ends. */
  async #addCut(frame: RecordFrame, head: Buffer, at: number, end: number): Promise<void> {
    await this.#endChunk();
    this.#endRun();
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
    const isIndexed = counts.size > 0 && [...counts.keys()].every((id) => this.#definitions.isKnown(id));
    if (!isIndexed) {
      const found = new Map<number, number>();
      const damage = await readSection(this.#file, chunk.section, this.#zstd, this.#budget, {
        schema: (schema) => this.#definitions.addSchema(schema),
        channel: (channel) => this.#definitions.addChannel(channel),
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

  #compareChunks(): void {
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

  /** Whether a footer that ends at `at` is the last thing in the file, but for the magic and zeros. */
  async #isEnd(at: number): Promise<boolean> {
    return this.#file.size - at <= MCAP_MAGIC.length || (await this.#isBlankFrom(at + MCAP_MAGIC.length));
  }

  /** Reports a footer that ends nothing, as in files that were joined; returns where the file goes on. */
  async #afterFooter(at: number, end: number): Promise<number> {
    await this.#endChunk();
    this.#endRun();
    this.#log.add({
      file: this.#file.path,
      what: `a footer at byte ${at}, though the file goes on`,
      lost: 'nothing by itself; what follows is read',
    });
    const magic = await this.#at(end, MCAP_MAGIC.length);
    return magic.equals(MCAP_MAGIC) ? end + MCAP_MAGIC.length : end;
  }

  /** Whether only zeros follow: what writers of whole pages leave when they are killed. */
  async #isBlankFrom(at: number): Promise<boolean> {
    const length = this.#end - at;
    if (length > BLANK_BYTES) return false;
    return (await this.#file.read(at, length)).every((byte) => byte === 0);
  }

  /** Up to `length` bytes at `offset`, through a small window so that neighbouring records share one read. */
  async #at(offset: number, length: number): Promise<Buffer> {
    const { offset: start, bytes } = this.#window;
    const isInside = offset >= start && Math.min(offset + length, this.#file.size) <= start + bytes.length;
    if (!isInside) {
      this.#window = { offset, bytes: await this.#file.read(offset, Math.max(length, WINDOW_BYTES)) };
    }
    const from = offset - this.#window.offset;
    return this.#window.bytes.subarray(from, from + length);
  }
}
