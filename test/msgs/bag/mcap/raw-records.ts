/** MCAP records byte by byte, also such as no writer makes. Source: MCAP specification, "Records". */

export const MAGIC = Buffer.from('894d434150300d0a', 'hex');
/** What padded records end with: readers have to pass over bytes that they do not know. */
const PADDING = Buffer.from([0x01, 0xff, 0xff]);

export interface RawSchema {
  readonly id: number;
  readonly name: string;
  readonly encoding: string;
  readonly data: Uint8Array;
}

export interface RawChannel {
  readonly id: number;
  readonly schemaId: number;
  readonly topic: string;
  readonly encoding: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface RawMessage {
  readonly channelId: number;
  readonly sequence: number;
  readonly logTime: bigint;
  readonly publishTime: bigint;
  readonly data: Uint8Array;
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function u64(value: bigint | number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** Behind its length. */
export function text(value: string): Buffer {
  return block(Buffer.from(value));
}

function block(bytes: Uint8Array): Buffer {
  return Buffer.concat([u32(bytes.length), bytes]);
}

function map(entries: readonly Uint8Array[]): Buffer {
  return block(Buffer.concat(entries));
}

function texts(values: Readonly<Record<string, string>>): Buffer {
  return map(Object.entries(values).map(([key, value]) => Buffer.concat([text(key), text(value)])));
}

export function record(opcode: number, ...fields: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(fields);
  return Buffer.concat([Buffer.of(opcode), u64(content.length), content]);
}

/** The records of the specification; `isPadded` adds bytes to those that may grow. */
export class RawRecords {
  readonly #padding: Uint8Array;

  constructor(isPadded = false) {
    this.#padding = isPadded ? PADDING : Buffer.alloc(0);
  }

  header(profile = '', library = ''): Buffer {
    return this.#padded(0x01, text(profile), text(library));
  }
  schema({ id, name, encoding, data }: RawSchema): Buffer {
    return this.#padded(0x03, u16(id), text(name), text(encoding), block(data));
  }
  channel({ id, schemaId, topic, encoding, metadata }: RawChannel): Buffer {
    return this.#padded(0x04, u16(id), u16(schemaId), text(topic), text(encoding), texts(metadata));
  }
  message({ channelId, sequence, logTime, publishTime, data }: RawMessage): Buffer {
    return record(0x05, u16(channelId), u32(sequence), u64(logTime), u64(publishTime), data);
  }
  chunk(chunk: {
    readonly startTime: bigint;
    readonly endTime: bigint;
    readonly size: bigint | number;
    readonly crc?: number;
    readonly compression?: string;
    readonly records: Uint8Array;
  }): Buffer {
    const { startTime, endTime, size, crc = 0, compression = '', records } = chunk;
    const head = [u64(startTime), u64(endTime), u64(size), u32(crc), text(compression)];
    return record(0x06, ...head, u64(records.length), records);
  }
  messageIndex(channelId: number, entries: readonly (readonly [bigint, number])[]): Buffer {
    const list = map(entries.map(([time, offset]) => Buffer.concat([u64(time), u64(offset)])));
    return this.#padded(0x07, u16(channelId), list);
  }
  chunkIndex(index: {
    readonly startTime: bigint;
    readonly endTime: bigint;
    readonly offset: number;
    readonly length: number;
    readonly messageIndexes: readonly (readonly [number, number])[];
    readonly messageIndexLength: number;
    readonly compression?: string;
    readonly compressedSize: number;
    readonly size: number;
  }): Buffer {
    const { startTime, endTime, offset, length, messageIndexes, messageIndexLength } = index;
    return this.#padded(
      0x08,
      ...[u64(startTime), u64(endTime), u64(offset), u64(length)],
      map(messageIndexes.map(([id, at]) => Buffer.concat([u16(id), u64(at)]))),
      ...[u64(messageIndexLength), text(index.compression ?? ''), u64(index.compressedSize), u64(index.size)],
    );
  }
  attachment(attachment: {
    readonly name: string;
    readonly mediaType: string;
    readonly logTime: bigint;
    readonly createTime: bigint;
    readonly data: Uint8Array;
    readonly crc: (bytes: Buffer) => number;
  }): Buffer {
    const { name, mediaType, logTime, createTime, data, crc } = attachment;
    const content = Buffer.concat([
      u64(logTime),
      u64(createTime),
      text(name),
      text(mediaType),
      u64(data.length),
      data,
    ]);
    return this.#padded(0x09, content, u32(crc(content)));
  }
  attachmentIndex(index: {
    readonly offset: number;
    readonly length: number;
    readonly logTime: bigint;
    readonly createTime: bigint;
    readonly size: number;
    readonly name: string;
    readonly mediaType: string;
  }): Buffer {
    const { offset, length, logTime, createTime, size, name, mediaType } = index;
    const numbers = [offset, length, logTime, createTime, size].map(u64);
    return this.#padded(0x0a, ...numbers, text(name), text(mediaType));
  }
  statistics(counts: {
    readonly messages: bigint | number;
    readonly schemas: number;
    readonly channels: number;
    readonly attachments?: number;
    readonly metadata?: number;
    readonly chunks: number;
    readonly startTime: bigint;
    readonly endTime: bigint;
    readonly channelMessages: Readonly<Record<number, bigint | number>>;
  }): Buffer {
    const { messages, schemas, channels, attachments = 0, metadata = 0, chunks, startTime, endTime } = counts;
    const entries = Object.entries(counts.channelMessages);
    return this.#padded(
      0x0b,
      ...[u64(messages), u16(schemas), u32(channels), u32(attachments), u32(metadata), u32(chunks)],
      ...[u64(startTime), u64(endTime)],
      map(entries.map(([id, count]) => Buffer.concat([u16(Number(id)), u64(count)]))),
    );
  }
  metadata(name: string, values: Readonly<Record<string, string>>): Buffer {
    return this.#padded(0x0c, text(name), texts(values));
  }
  metadataIndex(offset: number, length: number, name: string): Buffer {
    return this.#padded(0x0d, u64(offset), u64(length), text(name));
  }
  summaryOffset(opcode: number, start: number, length: number): Buffer {
    return this.#padded(0x0e, Buffer.of(opcode), u64(start), u64(length));
  }
  dataEnd(crc = 0): Buffer {
    return record(0x0f, u32(crc));
  }
  footer(summaryStart: number, summaryOffsetStart = 0, crc = 0): Buffer {
    return record(0x02, u64(summaryStart), u64(summaryOffsetStart), u32(crc));
  }

  #padded(opcode: number, ...fields: readonly Uint8Array[]): Buffer {
    return record(opcode, ...fields, this.#padding);
  }
}
