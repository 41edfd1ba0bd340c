import type { Zstd } from '../compression/zstd.js';
import type { RandomAccessFile } from '../files/random-access-file.js';
import type { ProblemLog } from '../problem-log.js';
import type { Definitions, McapIndex } from './mcap-index.js';
import {
  CHUNK_FIXED,
  isKnownOpcode,
  MCAP_MAGIC,
  type McapChannel,
  type McapSchema,
  MESSAGE_FIXED,
  opcodes,
  parseChannel,
  parseChunkHeader,
  parseMessageIndexHead,
  parseSchema,
  RECORD_PREFIX,
  type RecordFrame,
  recordFrame,
} from './mcap-records.js';
import { loadSection, type McapSection } from './mcap-section.js';

/** Enough for the fixed part of every record, with short names. */
const HEAD_BYTES = 256;
const WINDOW_BYTES = 64 << 10;
/** Zeros behind the last record up to this size are no loss. */
const BLANK_BYTES = 64 << 10;
/** Messages outside of chunks are gathered into runs of about this size. */
const RUN_BYTES = 4 << 20;
const MAX_DEFINITION_BYTES = 16 << 20;
const COMPRESSIONS = ['', 'zstd', 'lz4'];

/**
 * Builds the index of a file that has none (or a damaged one) by walking over its records, reading little more
 * than their heads. Where a record makes no sense, the next chunk or message that does is searched for.
 */
export async function scanIndex(
  file: RandomAccessFile,
  zstd: Zstd,
  log: ProblemLog,
  known?: Definitions,
): Promise<McapIndex> {
  return await new Scan(file, zstd, log, known).run();
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
  readonly #sections: McapSection[] = [];
  readonly #schemas = new Map<number, McapSchema>();
  readonly #channels = new Map<number, McapChannel>();
  readonly #counts = new Map<number, number>();
  #run: Run | undefined;
  #chunk: { section: McapSection; counts: Map<number, number> } | undefined;
  #window: { offset: number; bytes: Buffer } = { offset: 0, bytes: Buffer.alloc(0) };

  constructor(file: RandomAccessFile, zstd: Zstd, log: ProblemLog, known: Definitions | undefined) {
    this.#file = file;
    this.#zstd = zstd;
    this.#log = log;
    for (const schema of known?.schemas.values() ?? []) this.#define(this.#schemas, schema);
    for (const channel of known?.channels.values() ?? []) this.#define(this.#channels, channel);
  }

  async run(): Promise<McapIndex> {
    let at = MCAP_MAGIC.length;
    /** Where a search for sense starts: after the last record that certainly was one. */
    let trusted = at;
    let isPastData = false;
    while (at < this.#file.size) {
      const head = await this.#at(at, HEAD_BYTES);
      const frame = recordFrame(head, 0);
      const verdict = this.#judge(frame, head, at);
      if (frame !== undefined && verdict === 'footer') break;
      if (frame === undefined || verdict === 'senseless') {
        if (isPastData) break; // only the index is damaged
        const next = await this.#search(trusted + 1, [opcodes.chunk, opcodes.message]);
        await this.#endChunk();
        this.#endRun();
        if (next !== undefined || !(await this.#isBlankFrom(at))) this.#report(at, next);
        if (next === undefined) break;
        at = next;
        trusted = at;
        continue;
      }
      const end = at + frame.end;
      if (verdict === 'cut') {
        const next = await this.#search(at + RECORD_PREFIX, [opcodes.chunk]);
        await this.#addCut(frame, head, at, next ?? this.#file.size);
        if (next === undefined) break;
        at = next;
        trusted = at;
        continue;
      }
      await this.#add(frame, head, at, end);
      if (verdict === 'certain') trusted = end - 1;
      if (frame.opcode === opcodes.dataEnd && frame.end - frame.start === 4) isPastData = true;
      at = end;
    }
    await this.#endChunk();
    this.#endRun();
    return {
      sections: this.#sections,
      schemas: this.#schemas,
      channels: this.#channels,
      messageCounts: this.#counts,
    };
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
      return this.#channels.has(head.readUInt16LE(frame.start)) ? 'certain' : 'senseless';
    }
    return 'plausible';
  }

  async #add(frame: RecordFrame, head: Buffer, at: number, end: number): Promise<void> {
    if (frame.opcode === opcodes.messageIndex) {
      const { channelId, messageCount } = parseMessageIndexHead(head, frame.start);
      if (messageCount > 0) this.#chunk?.counts.set(channelId, messageCount);
      return;
    }
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
    if (end - at > MAX_DEFINITION_BYTES) return;
    const bytes = await this.#at(at, end - at);
    try {
      if (frame.opcode === opcodes.schema) {
        const schema = parseSchema(bytes, frame.start, frame.end);
        this.#define(this.#schemas, schema);
      } else {
        const channel = parseChannel(bytes, frame.start, frame.end);
        this.#define(this.#channels, channel);
      }
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
    const isIndexed = counts.size > 0 && [...counts.keys()].every((id) => this.#channels.has(id));
    if (!isIndexed) {
      const content = await loadSection(this.#file, chunk.section, this.#zstd);
      for (const schema of content.schemas) this.#define(this.#schemas, schema);
      for (const channel of content.channels) this.#define(this.#channels, channel);
      isWhole = content.damage === undefined;
      if (isWhole || counts.size === 0) {
        counts = new Map();
        for (const { channelId } of content.messages) counts.set(channelId, (counts.get(channelId) ?? 0) + 1);
      }
    }
    for (const [id, count] of counts) this.#count(id, count);
    let messageCount = 0;
    for (const count of counts.values()) messageCount += count;
    // Without its channels the section is loaded whatever is asked for, and so its damage is reported.
    const contents = isWhole ? { channelIds: new Set(counts.keys()), messageCount } : {};
    this.#sections.push({ ...chunk.section, ...contents });
  }

  /** Definitions with the same id have to be the same, so the first is kept; one that differs is damaged. */
  #define<T extends { readonly id: number }>(definitions: Map<number, T>, definition: T): void {
    if (!definitions.has(definition.id)) definitions.set(definition.id, definition);
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

  /** The first byte from `from` on at which a chunk, or a message of a known channel, seems to start. */
  async #search(from: number, kinds: readonly number[]): Promise<number | undefined> {
    for (let block = from; block < this.#file.size; block += WINDOW_BYTES) {
      const bytes = await this.#file.read(block, WINDOW_BYTES + HEAD_BYTES);
      for (let at = 0; at < Math.min(WINDOW_BYTES, bytes.length); at++) {
        if (kinds.includes(bytes[at] ?? 0) && (await this.#startsRecord(bytes, at, block + at)))
          return block + at;
      }
    }
    return undefined;
  }

  /** Stricter than `#judge`: in the middle of image data, almost any few bytes occur. */
  async #startsRecord(bytes: Buffer, at: number, offset: number): Promise<boolean> {
    const frame = recordFrame(bytes, at);
    if (frame === undefined) return false;
    const end = offset - at + frame.end;
    if (frame.opcode === opcodes.chunk) {
      if (frame.start + CHUNK_FIXED > bytes.length) return false;
      const chunk = parseChunkHeader(bytes, frame.start, frame.end);
      return (
        chunk !== undefined &&
        chunk.headerLength + chunk.recordsLength === frame.end - frame.start &&
        COMPRESSIONS.includes(chunk.compression)
      );
    }
    if (frame.start + MESSAGE_FIXED > Math.min(bytes.length, frame.end) || end > this.#file.size)
      return false;
    if (!this.#channels.has(bytes.readUInt16LE(frame.start))) return false;
    if (end === this.#file.size) return true;
    const next = await this.#file.read(end, RECORD_PREFIX);
    const nextFrame = recordFrame(next, 0);
    return (
      nextFrame !== undefined && isKnownOpcode(nextFrame.opcode) && end + nextFrame.end <= this.#file.size
    );
  }

  /** Whether only zeros follow: what writers of whole pages leave when they are killed. */
  async #isBlankFrom(at: number): Promise<boolean> {
    const length = this.#file.size - at;
    if (length > BLANK_BYTES) return false;
    return (await this.#file.read(at, length)).every((byte) => byte === 0);
  }

  #report(from: number, next: number | undefined): void {
    const what =
      next === undefined
        ? `no readable record from byte ${from} on, the file is cut off or damaged there`
        : `bytes ${from} to ${next} are damaged`;
    const lost = `${(next ?? this.#file.size) - from} bytes of ${this.#file.size}`;
    this.#log.add({ file: this.#file.path, what, lost });
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
