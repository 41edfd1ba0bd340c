import { crc32 } from 'node:zlib';
import { MAGIC, type RawChannel, type RawMessage, RawRecords, type RawSchema } from './raw-records.js';

/** What a file of the conformance suite holds. Source: github.com/foxglove/mcap, tests/conformance. */
export interface ConformanceInput {
  readonly name: string;
  readonly schema?: RawSchema;
  readonly channel?: RawChannel;
  readonly messages: readonly RawMessage[];
  readonly hasAttachment?: boolean;
  readonly hasMetadata?: boolean;
}

export const features = ['ch', 'mx', 'st', 'rsh', 'rch', 'ax', 'mdx', 'chx', 'sum', 'pad'] as const;
/** Chunks, message index, statistics, repeated schemas and channels, index of attachments, metadata and chunks, summary offsets, padding. */
export type ConformanceFeature = (typeof features)[number];

const schema: RawSchema = { id: 1, name: 'Example', encoding: 'c', data: Buffer.of(4, 5, 6) };
const channel: RawChannel = { id: 1, schemaId: 1, topic: 'example', encoding: 'a', metadata: { foo: 'bar' } };
const data = Buffer.of(1, 2, 3);
const oneMessage: RawMessage = { channelId: 1, sequence: 10, logTime: 2n, publishTime: 1n, data };

const inputs: readonly ConformanceInput[] = [
  { name: 'NoData', messages: [] },
  { name: 'OneAttachment', messages: [], hasAttachment: true },
  { name: 'OneMetadata', messages: [], hasMetadata: true },
  {
    name: 'OneSchemalessMessage',
    channel: { ...channel, schemaId: 0, encoding: 'text', metadata: {} },
    messages: [oneMessage],
  },
  { name: 'OneMessage', schema, channel, messages: [oneMessage] },
  {
    name: 'TenMessages',
    ...{ schema, channel },
    messages: [0n, 2n, 1n, 3n, 3n, 5n, 4n, 7n, 8n, 9n].map((time, sequence) => ({
      ...{ channelId: 1, sequence, logTime: time, publishTime: time, data },
    })),
  },
];

export interface ConformanceVariant {
  /** As the suite names its files: `OneMessage-ch-chx`. */
  readonly name: string;
  readonly input: ConformanceInput;
  readonly features: ReadonlySet<ConformanceFeature>;
  readonly bytes: Buffer;
}

/** Every input with every set of features that makes sense for it. */
export function* conformanceVariants(): Generator<ConformanceVariant> {
  for (const input of inputs) {
    for (let bits = 0; bits < 1 << features.length; bits++) {
      const chosen = new Set(features.filter((_, index) => (bits >> index) & 1));
      if (!makesSense(input, chosen)) continue;
      const name = [input.name, ...[...chosen].sort()].join('-');
      yield { name, input, features: chosen, bytes: conformanceFile(input, chosen) };
    }
  }
}

function makesSense(input: ConformanceInput, chosen: ReadonlySet<ConformanceFeature>): boolean {
  const has = (feature: ConformanceFeature) => chosen.has(feature);
  if (has('ax') && input.hasAttachment !== true) return false;
  if (has('mdx') && input.hasMetadata !== true) return false;
  if (has('rsh') && input.schema === undefined) return false;
  if (has('rch') && input.channel === undefined) return false;
  if (has('ch') && input.channel === undefined) return false;
  if ((has('chx') || has('mx')) && !has('ch')) return false;
  const summary: readonly ConformanceFeature[] = ['chx', 'rsh', 'rch', 'mdx', 'ax', 'st'];
  return !has('sum') || summary.some(has);
}

function conformanceFile(input: ConformanceInput, chosen: ReadonlySet<ConformanceFeature>): Buffer {
  const records = new RawRecords(chosen.has('pad'));
  const plain = new RawRecords();
  const parts: Buffer[] = [];
  let length = 0;
  /** @returns where the bytes begin. */
  const add = (bytes: Buffer): number => {
    parts.push(bytes);
    length += bytes.length;
    return length - bytes.length;
  };
  add(MAGIC);
  add(records.header());

  const times = input.messages.map(({ logTime }) => logTime).sort((a, b) => Number(a - b));
  const [startTime, endTime] = [times[0] ?? 0n, times.at(-1) ?? 0n];
  const isChunked = chosen.has('ch');
  const writer = isChunked ? plain : records;
  const definitions = [
    ...(input.schema ? [writer.schema(input.schema)] : []),
    ...(input.channel ? [writer.channel(input.channel)] : []),
  ];
  const content = Buffer.concat([
    ...definitions,
    ...input.messages.map((message) => writer.message(message)),
  ]);
  let chunkIndex: Buffer | undefined;
  if (isChunked) {
    const size = content.length;
    const offset = length;
    const chunk = records.chunk({ startTime, endTime, size, crc: crc32(content), records: content });
    add(chunk);
    let at = Buffer.concat(definitions).length;
    const entries = input.messages.map((message): [bigint, number] => {
      at += writer.message(message).length;
      return [message.logTime, at - writer.message(message).length];
    });
    const messageIndex = chosen.has('mx') ? records.messageIndex(1, entries) : Buffer.alloc(0);
    const indexOffset = add(messageIndex);
    chunkIndex = records.chunkIndex({
      ...{ startTime, endTime, offset, length: chunk.length, compressedSize: size, size },
      messageIndexes: chosen.has('mx') ? [[1, indexOffset]] : [],
      messageIndexLength: messageIndex.length,
    });
  } else {
    add(content);
  }
  let attachmentIndex: Buffer | undefined;
  if (input.hasAttachment) {
    const media = 'application/octet-stream';
    const attachment = records.attachment({
      ...{ name: 'myFile', mediaType: media, logTime: 2n, createTime: 1n },
      ...{ data, crc: crc32 },
    });
    const [offset, bytes] = [add(attachment), attachment.length];
    attachmentIndex = records.attachmentIndex({
      ...{ offset, length: bytes, logTime: 2n, createTime: 1n, size: 3, name: 'myFile', mediaType: media },
    });
  }
  let metadataIndex: Buffer | undefined;
  if (input.hasMetadata) {
    const metadata = records.metadata('myMetadata', { foo: 'bar' });
    metadataIndex = records.metadataIndex(add(metadata), metadata.length, 'myMetadata');
  }
  add(records.dataEnd(crc32(Buffer.concat(parts))));

  const statistics = records.statistics({
    ...{ messages: input.messages.length, schemas: input.schema ? 1 : 0, channels: input.channel ? 1 : 0 },
    ...{
      attachments: input.hasAttachment ? 1 : 0,
      metadata: input.hasMetadata ? 1 : 0,
      chunks: isChunked ? 1 : 0,
    },
    ...{ startTime, endTime, channelMessages: input.messages.length > 0 ? { 1: input.messages.length } : {} },
  });
  const groups: readonly (readonly [ConformanceFeature, number, Buffer | undefined])[] = [
    ['rsh', 0x03, input.schema && records.schema(input.schema)],
    ['rch', 0x04, input.channel && records.channel(input.channel)],
    ['st', 0x0b, statistics],
    ['mdx', 0x0d, metadataIndex],
    ['ax', 0x0a, attachmentIndex],
    ['chx', 0x08, chunkIndex],
  ];
  const summaryStart = length;
  const offsets: Buffer[] = [];
  for (const [feature, opcode, bytes] of groups) {
    if (!chosen.has(feature) || bytes === undefined) continue;
    offsets.push(records.summaryOffset(opcode, add(bytes), bytes.length));
  }
  const hasSummary = length > summaryStart;
  const offsetStart = chosen.has('sum') ? length : 0;
  if (chosen.has('sum')) for (const offset of offsets) add(offset);
  const summary = Buffer.concat(parts).subarray(summaryStart);
  const footer = plain.footer(hasSummary ? summaryStart : 0, offsetStart);
  const crc = crc32(footer.subarray(0, footer.length - 4), crc32(summary));
  add(plain.footer(hasSummary ? summaryStart : 0, offsetStart, crc));
  add(MAGIC);
  return Buffer.concat(parts);
}
