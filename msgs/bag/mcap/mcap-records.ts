/** MCAP record parsing on views. Source: MCAP specification, "Records" (https://mcap.dev/spec). */

export const MCAP_MAGIC = Uint8Array.of(0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a);
/** Opcode byte and 64-bit content length before every record. */
export const RECORD_PREFIX = 9;

export const opcodes = {
  header: 0x01,
  footer: 0x02,
  schema: 0x03,
  channel: 0x04,
  message: 0x05,
  chunk: 0x06,
  messageIndex: 0x07,
  chunkIndex: 0x08,
  attachment: 0x09,
  statistics: 0x0b,
  dataEnd: 0x0f,
  /** Records from here on are private extensions; those between `dataEnd` and here are not defined. */
  firstPrivate: 0x80,
} as const;

/** Fixed part of a Message record's content: channel id, sequence, log time, publish time. */
export const MESSAGE_FIXED = 2 + 4 + 8 + 8;
/** Fixed part of a Chunk record's content, without the compression name: times, size, CRC, two lengths. */
export const CHUNK_FIXED = 8 + 8 + 8 + 4 + 4 + 8;

export interface McapSchema {
  readonly id: number;
  readonly name: string;
  readonly encoding: string;
  readonly text: string;
}

export interface McapChannel {
  readonly id: number;
  readonly schemaId: number;
  readonly topic: string;
  readonly encoding: string;
  readonly metadata: ReadonlyMap<string, string>;
}

export interface McapMessage {
  readonly channelId: number;
  readonly logTimeNs: bigint;
  readonly publishTimeNs: bigint;
  readonly data: Uint8Array;
}

export interface ChunkHeader {
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly uncompressedSize: number;
  readonly uncompressedCrc: number;
  readonly compression: string;
  /** Bytes of the header within the record's content; the stored records follow. */
  readonly headerLength: number;
  readonly recordsLength: number;
}

/** Compressions of chunks. */
export const COMPRESSIONS: readonly string[] = ['', 'zstd', 'lz4'];

/** What the writer counted. */
export interface McapStatistics {
  readonly messageCount: number;
  readonly channelCount: number;
  readonly chunkCount: number;
  readonly messageCounts: ReadonlyMap<number, number>;
}

/** A chunk as the index at the end of the file describes it. */
export interface McapChunkIndex {
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly offset: number;
  readonly length: number;
  /** Channels that have a message index; none where the writer left these out. */
  readonly channelIds: ReadonlySet<number>;
  /** Bytes of the message indexes after the chunk. */
  readonly messageIndexLength: number;
}

/** A record as it lies in a buffer; `end` may lie beyond the buffer. */
export interface RecordFrame {
  readonly opcode: number;
  readonly start: number;
  readonly end: number;
}

/** The record frame at `offset`, or undefined if fewer than 9 bytes are left or its length is absurd. */
export function recordFrame(bytes: Buffer, offset: number): RecordFrame | undefined {
  if (offset + RECORD_PREFIX > bytes.length) return undefined;
  const length = bytes.readUInt32LE(offset + 1) + bytes.readUInt32LE(offset + 5) * 2 ** 32;
  if (length > Number.MAX_SAFE_INTEGER) return undefined;
  return {
    opcode: bytes.readUInt8(offset),
    start: offset + RECORD_PREFIX,
    end: offset + RECORD_PREFIX + length,
  };
}

/** Whether an opcode is one of the specification or of its private range, 0x80 and above. */
export function isKnownOpcode(opcode: number): boolean {
  return (opcode >= opcodes.header && opcode <= opcodes.dataEnd) || opcode >= opcodes.firstPrivate;
}

function readString(bytes: Buffer, offset: number, end: number): { text: string; next: number } {
  const next = offset + 4 + bytes.readUInt32LE(offset);
  if (next > end) throw new RangeError('string runs over the end of its record');
  return { text: bytes.toString('utf8', offset + 4, next), next };
}

/** A Schema record. @throws RangeError where a text runs over the end of the record. */
export function parseSchema(bytes: Buffer, start: number, end: number): McapSchema {
  const id = bytes.readUInt16LE(start);
  const name = readString(bytes, start + 2, end);
  const encoding = readString(bytes, name.next, end);
  const { text } = readString(bytes, encoding.next, end);
  return { id, name: name.text, encoding: encoding.text, text };
}

/** A Channel record. @throws RangeError where a text or the metadata runs over the end of the record. */
export function parseChannel(bytes: Buffer, start: number, end: number): McapChannel {
  const topic = readString(bytes, start + 4, end);
  const encoding = readString(bytes, topic.next, end);
  const metadata = new Map<string, string>();
  const mapEnd = encoding.next + 4 + bytes.readUInt32LE(encoding.next);
  if (mapEnd > end) throw new RangeError('metadata runs over the end of its record');
  for (let at = encoding.next + 4; at < mapEnd; ) {
    const key = readString(bytes, at, mapEnd);
    const value = readString(bytes, key.next, mapEnd);
    metadata.set(key.text, value.text);
    at = value.next;
  }
  return {
    id: bytes.readUInt16LE(start),
    schemaId: bytes.readUInt16LE(start + 2),
    topic: topic.text,
    encoding: encoding.text,
    metadata,
  };
}

/** A Message record; its data are a view of `bytes`. @throws RangeError where the record is too short. */
export function parseMessage(bytes: Buffer, start: number, end: number): McapMessage {
  if (end - start < MESSAGE_FIXED) throw new RangeError('message record is too short');
  const dataStart = start + MESSAGE_FIXED;
  return {
    channelId: bytes.readUInt16LE(start),
    logTimeNs: bytes.readBigUInt64LE(start + 6),
    publishTimeNs: bytes.readBigUInt64LE(start + 14),
    data: new Uint8Array(bytes.buffer, bytes.byteOffset + dataStart, end - dataStart),
  };
}

/** Header of the chunk whose content starts at `start`; undefined if its fields contradict each other. */
export function parseChunkHeader(bytes: Buffer, start: number, end: number): ChunkHeader | undefined {
  if (start + CHUNK_FIXED > Math.min(end, bytes.length)) return undefined;
  const nameLength = bytes.readUInt32LE(start + 28);
  const headerLength = CHUNK_FIXED + nameLength;
  if (nameLength > 32 || start + headerLength > bytes.length) return undefined;
  const header: ChunkHeader = {
    startNs: bytes.readBigUInt64LE(start),
    endNs: bytes.readBigUInt64LE(start + 8),
    uncompressedSize: Number(bytes.readBigUInt64LE(start + 16)),
    uncompressedCrc: bytes.readUInt32LE(start + 24),
    compression: bytes.toString('latin1', start + 32, start + 32 + nameLength),
    headerLength,
    recordsLength: Number(bytes.readBigUInt64LE(start + 32 + nameLength)),
  };
  const consistent =
    header.headerLength + header.recordsLength <= end - start && header.startNs <= header.endNs;
  return consistent ? header : undefined;
}

/** Channel and number of messages that a MessageIndex record's first six content bytes announce. */
export function parseMessageIndexHead(
  bytes: Buffer,
  start: number,
): { channelId: number; messageCount: number } {
  return {
    channelId: bytes.readUInt16LE(start),
    messageCount: Math.floor(bytes.readUInt32LE(start + 2) / 16),
  };
}

/** Throws RangeError where the record is too short for what it says. */
export function parseStatistics(bytes: Buffer, start: number, end: number): McapStatistics {
  const mapStart = start + 8 + 2 + 4 * 4 + 2 * 8;
  const mapEnd = mapStart + 4 + bytes.readUInt32LE(mapStart);
  if (mapEnd > end) throw new RangeError('statistics run over the end of their record');
  const messageCounts = new Map<number, number>();
  for (let at = mapStart + 4; at + 10 <= mapEnd; at += 10) {
    messageCounts.set(bytes.readUInt16LE(at), Number(bytes.readBigUInt64LE(at + 2)));
  }
  return {
    messageCount: Number(bytes.readBigUInt64LE(start)),
    channelCount: bytes.readUInt32LE(start + 10),
    chunkCount: bytes.readUInt32LE(start + 22),
    messageCounts,
  };
}

/** Throws RangeError where the record is too short for what it says. */
export function parseChunkIndex(bytes: Buffer, start: number, end: number): McapChunkIndex {
  const mapEnd = start + 36 + bytes.readUInt32LE(start + 32);
  if (mapEnd + 8 > end) throw new RangeError('chunk index runs over the end of its record');
  const channelIds = new Set<number>();
  for (let at = start + 36; at + 10 <= mapEnd; at += 10) channelIds.add(bytes.readUInt16LE(at));
  return {
    startNs: bytes.readBigUInt64LE(start),
    endNs: bytes.readBigUInt64LE(start + 8),
    offset: Number(bytes.readBigUInt64LE(start + 16)),
    length: Number(bytes.readBigUInt64LE(start + 24)),
    channelIds,
    messageIndexLength: Number(bytes.readBigUInt64LE(mapEnd)),
  };
}
