import { crc32 } from 'node:zlib';
import { McapRecordBuilder } from '@mcap/core';
import type { AppendableFile } from '../files/appendable-file.js';
import { CHUNK_FIXED, MESSAGE_FIXED, opcodes, RECORD_PREFIX } from './mcap-records.js';
import { PackedRecords } from './packed-records.js';

/** Messages from this size on are written from the caller's own bytes; smaller ones are gathered in a buffer. */
const DIRECT_BYTES = 64 << 10;
const CHUNK_BYTES = 1 << 20;
/** Bytes of chunks that are enough for a write: more would keep the thread from other work. */
const ENOUGH_BYTES = 8 << 20;
/** Most that one message takes of the buffer. */
const MOST_GATHERED = DIRECT_BYTES + RECORD_PREFIX + MESSAGE_FIXED;

type Statistics = Parameters<McapRecordBuilder['writeStatistics']>[0];

export interface McapFileWriterOptions {
  readonly profile: string;
  readonly library: string;
  /** Name of the compression and how to compress a chunk; by default chunks are stored as they are. */
  readonly compression?: { readonly name: string; readonly compress: (records: Buffer) => Uint8Array };
}

/** A message, and where it goes. */
export interface McapMessage {
  /** What `addChannel` returned. */
  readonly channelId: number;
  readonly cdr: Uint8Array;
  readonly logTimeNs: bigint;
  readonly publishTimeNs: bigint;
}

/**
 * Writes one MCAP file: chunks with message indexes, a summary with chunk index and statistics.
 *
 * Large messages are not copied: a chunk ends with the first message of 64 KiB or more. All chunks of a call go to the disk as
 * one gathering write, because each write costs a change of threads. Calls must not overlap; after a failed one only `end` may
 * be called.
 *
 * Chunks carry a CRC (about 2 GB/s); the file as a whole does not, for it would be a second pass over all bytes.
 */
export class McapFileWriter {
  readonly #file: AppendableFile;
  readonly #compression: McapFileWriterOptions['compression'];
  readonly #schemas: Parameters<McapRecordBuilder['writeSchema']>[0][] = [];
  readonly #channels: Parameters<McapRecordBuilder['writeChannel']>[0][] = [];
  readonly #chunkIndexes = new PackedRecords();
  #chunkCount = 0;
  readonly #counts = new Map<number, bigint>();
  #startNs: bigint | undefined;
  #endNs = 0n;
  /** What was gathered of the chunks that ended, then of the one that grows. */
  readonly #buffer = Buffer.allocUnsafe(CHUNK_BYTES + MOST_GATHERED);
  /** Where the chunk that grows begins in the buffer. */
  #begin = 0;
  #filled = 0;
  #pending = emptyChunk();
  /** Chunks that are not in the file yet. */
  #ended: EndedChunk[] = [];
  /** Their bytes. */
  #endedBytes = 0;

  private constructor(file: AppendableFile, options: McapFileWriterOptions) {
    this.#file = file;
    this.#compression = options.compression;
  }

  static async create(file: AppendableFile, options: McapFileWriterOptions): Promise<McapFileWriter> {
    const records = new McapRecordBuilder();
    records.writeMagic();
    records.writeHeader({ profile: options.profile, library: options.library });
    await file.append([records.buffer]);
    return new McapFileWriter(file, options);
  }

  /** Messages that are in the file, and the range of their log times (0n without messages). */
  get written(): { counts: ReadonlyMap<number, number>; startNs: bigint; endNs: bigint } {
    const counts = new Map([...this.#counts].map(([id, count]) => [id, Number(count)]));
    return { counts, startNs: this.#startNs ?? 0n, endNs: this.#endNs };
  }

  /** Writes the definition now, outside of the chunks: it survives whatever happens to them. Returns the id. */
  async addSchema(name: string, text: string): Promise<number> {
    const schema = {
      id: this.#schemas.length + 1,
      name,
      encoding: 'ros2msg',
      data: Buffer.from(text, 'utf8'),
    };
    const records = new McapRecordBuilder();
    records.writeSchema(schema);
    await this.#file.append([records.buffer]);
    this.#schemas.push(schema);
    return schema.id;
  }

  async addChannel(topic: string, schemaId: number, metadata: ReadonlyMap<string, string>): Promise<number> {
    const id = this.#channels.length + 1;
    const channel = { id, schemaId, topic, messageEncoding: 'cdr', metadata: new Map(metadata) };
    const records = new McapRecordBuilder();
    records.writeChannel(channel);
    await this.#file.append([records.buffer]);
    this.#channels.push(channel);
    return id;
  }

  /**
   * Appends messages in their order. It resolves when the disk has those of 64 KiB or more, and all before them; the rest may
   * wait in memory for those that follow. If not all fit on the disk, those stay that do.
   */
  async addMessages(messages: readonly McapMessage[]): Promise<void> {
    for (const message of messages) {
      if (this.#filled + MOST_GATHERED > this.#buffer.length) await this.#flush();
      this.#add(message);
      // To compress takes long: other work comes between the chunks.
      if (this.#compression !== undefined || this.#endedBytes >= ENOUGH_BYTES) await this.#flush();
    }
    await this.#flush();
  }

  #add({ channelId, cdr, logTimeNs, publishTimeNs }: McapMessage): void {
    const pending = this.#pending;
    const at = this.#filled;
    const head = this.#buffer;
    head[at] = opcodes.message;
    writeLength(head, at + 1, MESSAGE_FIXED + cdr.length);
    head.writeUInt16LE(channelId, at + RECORD_PREFIX);
    head.writeUInt32LE((pending.sequence.get(channelId) ?? 0) >>> 0, at + RECORD_PREFIX + 2);
    head.writeBigUInt64LE(logTimeNs, at + RECORD_PREFIX + 6);
    head.writeBigUInt64LE(publishTimeNs, at + RECORD_PREFIX + 14);
    this.#filled = at + RECORD_PREFIX + MESSAGE_FIXED;

    const entries = pending.entries.get(channelId) ?? [];
    entries.push([logTimeNs, BigInt(at - this.#begin)]);
    pending.entries.set(channelId, entries);
    pending.sequence.set(channelId, (pending.sequence.get(channelId) ?? 0) + 1);
    if (pending.startNs === undefined || logTimeNs < pending.startNs) pending.startNs = logTimeNs;
    if (logTimeNs > pending.endNs) pending.endNs = logTimeNs;

    if (cdr.length >= DIRECT_BYTES) {
      this.#endChunk(cdr);
      return;
    }
    head.set(cdr, this.#filled);
    this.#filled += cdr.length;
    if (this.#filled - this.#begin >= CHUNK_BYTES) this.#endChunk();
  }

  /** Finishes the file. After a failure it drops what was torn and finishes with the chunks before it. */
  async end(failed: boolean): Promise<void> {
    if (failed) await this.#file.dropTail();
    else {
      this.#endChunk();
      await this.#flush();
    }
    try {
      await this.#writeSummary();
    } catch (error) {
      await this.#file.dropTail().catch(() => undefined);
      throw error;
    }
  }

  #endChunk(tail: Uint8Array = new Uint8Array(0)): void {
    const { entries, startNs = 0n, endNs, sequence } = this.#pending;
    if (entries.size === 0) return;
    const gathered = this.#buffer.subarray(this.#begin, this.#filled);
    const uncompressedSize = gathered.length + tail.length;
    const crc = crc32(tail, crc32(gathered));
    const records = this.#compression
      ? [this.#compression.compress(tail.length > 0 ? Buffer.concat([gathered, tail]) : gathered)]
      : [gathered, tail];
    const recordsLength = lengthOf(records);
    const compression = this.#compression?.name ?? '';
    const head = chunkHead({ startNs, endNs, uncompressedSize, crc, compression, recordsLength });

    const chunkStart = BigInt(this.#file.position + this.#endedBytes);
    const chunkLength = BigInt(head.length + recordsLength);
    const indexes = new McapRecordBuilder();
    const messageIndexOffsets = new Map<number, bigint>();
    for (const [channelId, channelEntries] of entries) {
      messageIndexOffsets.set(channelId, chunkStart + chunkLength + BigInt(indexes.length));
      indexes.writeMessageIndex({ channelId, records: channelEntries });
    }
    this.#ended.push({
      parts: [head, ...records.filter(({ length }) => length > 0), indexes.buffer],
      ...{ startNs, endNs },
      counts: new Map([...entries].map(([id, { length }]) => [id, BigInt(length)])),
      index: {
        messageStartTime: startNs,
        messageEndTime: endNs,
        chunkStartOffset: chunkStart,
        chunkLength,
        messageIndexOffsets,
        messageIndexLength: BigInt(indexes.length),
        compression,
        compressedSize: BigInt(recordsLength),
        uncompressedSize: BigInt(uncompressedSize),
      },
    });
    this.#endedBytes += head.length + recordsLength + indexes.length;
    this.#pending = emptyChunk(sequence);
    this.#begin = this.#filled;
  }

  /** Writes the chunks that ended. */
  async #flush(): Promise<void> {
    const ended = this.#ended;
    if (ended.length === 0) return;
    try {
      await this.#file.append(ended.flatMap(({ parts }) => parts));
      for (const chunk of ended) this.#count(chunk);
    } catch (error) {
      if (ended.length === 1) throw error;
      // One by one: the first that do not fit must not take the others with them.
      await this.#file.dropTail();
      for (const chunk of ended) {
        await this.#file.append(chunk.parts);
        this.#count(chunk);
      }
    }
    this.#ended = [];
    this.#endedBytes = 0;
    this.#buffer.copyWithin(0, this.#begin, this.#filled);
    this.#filled -= this.#begin;
    this.#begin = 0;
  }

  /** Takes a chunk that is in the file into its summary. */
  #count({ startNs, endNs, counts, index }: EndedChunk): void {
    this.#chunkIndexes.add((to) => to.writeChunkIndex(index));
    this.#chunkCount += 1;
    for (const [id, count] of counts) this.#counts.set(id, (this.#counts.get(id) ?? 0n) + count);
    if (this.#startNs === undefined || startNs < this.#startNs) this.#startNs = startNs;
    if (endNs > this.#endNs) this.#endNs = endNs;
  }

  async #writeSummary(): Promise<void> {
    const dataEnd = new McapRecordBuilder();
    dataEnd.writeDataEnd({ dataSectionCrc: 0 });
    const definitions = new McapRecordBuilder();
    const summaryStart = BigInt(this.#file.position + dataEnd.length);
    const groups: { groupOpcode: number; groupStart: bigint; groupLength: bigint }[] = [];
    const group = (groupOpcode: number, write: () => void): void => {
      const from = definitions.length;
      write();
      const groupLength = BigInt(definitions.length - from);
      if (groupLength > 0n)
        groups.push({ groupOpcode, groupStart: summaryStart + BigInt(from), groupLength });
    };
    group(opcodes.schema, () => {
      for (const schema of this.#schemas) definitions.writeSchema(schema);
    });
    group(opcodes.channel, () => {
      for (const channel of this.#channels) definitions.writeChannel(channel);
    });
    group(opcodes.statistics, () => definitions.writeStatistics(this.#statistics()));
    const chunkIndexStart = summaryStart + BigInt(definitions.length);
    const groupLength = BigInt(this.#chunkIndexes.length);
    if (groupLength > 0n)
      groups.push({ groupOpcode: opcodes.chunkIndex, groupStart: chunkIndexStart, groupLength });
    const summaryOffsetStart = chunkIndexStart + groupLength;
    const offsets = new McapRecordBuilder();
    for (const offset of groups) offsets.writeSummaryOffset(offset);
    const summary = [definitions.buffer, ...this.#chunkIndexes.unpacked(), offsets.buffer];

    // The summary CRC covers the footer's own first two fields.
    const footer = new McapRecordBuilder();
    footer.writeFooter({ summaryStart, summaryOffsetStart, summaryCrc: 0 });
    const covered = footer.buffer.subarray(0, footer.length - 4);
    const summaryCrc = [...summary, covered].reduce((crc, part) => crc32(part, crc), 0);
    const end = new McapRecordBuilder();
    end.writeFooter({ summaryStart, summaryOffsetStart, summaryCrc });
    end.writeMagic();
    await this.#file.append([dataEnd.buffer, ...summary.filter(({ length }) => length > 0), end.buffer]);
  }

  #statistics(): Statistics {
    let messageCount = 0n;
    for (const count of this.#counts.values()) messageCount += count;
    return {
      messageCount,
      schemaCount: this.#schemas.length,
      channelCount: this.#channels.length,
      attachmentCount: 0,
      metadataCount: 0,
      chunkCount: this.#chunkCount,
      messageStartTime: this.#startNs ?? 0n,
      messageEndTime: this.#endNs,
      channelMessageCounts: this.#counts,
    };
  }
}

interface PendingChunk {
  entries: Map<number, [bigint, bigint][]>;
  /** Next sequence number by channel, carried from chunk to chunk. */
  sequence: Map<number, number>;
  startNs: bigint | undefined;
  endNs: bigint;
}

/** A chunk as it goes to the file, and what the summary says of it. */
interface EndedChunk {
  readonly parts: readonly Uint8Array[];
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** Messages by channel. */
  readonly counts: ReadonlyMap<number, bigint>;
  readonly index: Parameters<McapRecordBuilder['writeChunkIndex']>[0];
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function emptyChunk(sequence = new Map<number, number>()): PendingChunk {
  return { entries: new Map(), sequence, startNs: undefined, endNs: 0n };
}

interface ChunkFields {
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly uncompressedSize: number;
  readonly crc: number;
  readonly compression: string;
  readonly recordsLength: number;
}

/** A Chunk record up to where its stored records begin. */
function chunkHead(chunk: ChunkFields): Buffer {
  const contentLength = CHUNK_FIXED + chunk.compression.length;
  const head = Buffer.allocUnsafe(RECORD_PREFIX + contentLength);
  head[0] = opcodes.chunk;
  writeLength(head, 1, contentLength + chunk.recordsLength);
  head.writeBigUInt64LE(chunk.startNs, 9);
  head.writeBigUInt64LE(chunk.endNs, 17);
  writeLength(head, 25, chunk.uncompressedSize);
  head.writeUInt32LE(chunk.crc, 33);
  head.writeUInt32LE(chunk.compression.length, 37);
  head.write(chunk.compression, 41, 'latin1');
  writeLength(head, 41 + chunk.compression.length, chunk.recordsLength);
  return head;
}

function writeLength(target: Buffer, at: number, length: number): void {
  target.writeUInt32LE(length % 2 ** 32, at);
  target.writeUInt32LE(Math.floor(length / 2 ** 32), at + 4);
}
