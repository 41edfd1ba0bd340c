import { crc32 } from 'node:zlib';
import { lz4Compress } from '../compression/lz4-compress.js';
import { MAGIC, RawRecords } from './raw-records.js';

/** How a file departs from one that is as it should be. */
export interface CameraFileOptions {
  readonly compression?: '' | 'lz4';
  readonly summarySchemas?: boolean;
  readonly summaryChannels?: boolean;
  readonly chunkSchemas?: boolean;
  readonly statistics?: boolean;
  /** Pairs of messages outside of the two chunks. */
  readonly before?: number;
  readonly after?: number;
  /** Chunks that the chunk index lists. */
  readonly indexed?: readonly number[];
  readonly messageIndexLengthError?: number;
  readonly announced?: Readonly<Record<number, number>>;
  readonly announcedChunks?: number;
  /** Messages of channel 77 in the first chunk. */
  readonly strays?: number;
  readonly dataCrc?: boolean;
  /** Whether chunks have a CRC. */
  readonly chunkCrc?: boolean;
  /** Added to the time at which the first chunk claims to begin and to end. */
  readonly chunkStartError?: bigint;
  /** Another topic for channel 1, in the second chunk. */
  readonly secondTopic?: string;
}

const raw = new RawRecords();
const SECOND = 1_000_000_000n;
const START = 1_700_000_000n * SECOND;

const schemas = ['Image', 'CameraInfo'].map((name, index) =>
  raw.schema({
    ...{
      id: index + 1,
      name: `sensor_msgs/msg/${name}`,
      encoding: 'ros2msg',
      data: Buffer.from(`# ${name}`),
    },
  }),
);

function channel(id: number, topic: string): Buffer {
  return raw.channel({ id, schemaId: id, topic, encoding: 'cdr', metadata: {} });
}

const channels = [channel(1, '/image'), channel(2, '/info')];

function message(channelId: number, seconds: number, content: string): Buffer {
  const time = START + BigInt(seconds) * SECOND;
  return raw.message({
    ...{
      channelId,
      sequence: 0,
      logTime: time,
      publishTime: time,
      data: Buffer.from(`\0\x01\0\0${content}`),
    },
  });
}

/** An image and a camera_info a second: two chunks of two seconds, from second 10 on. */
export function cameraFile(options: CameraFileOptions = {}): Buffer {
  const { before = 0, after = 0, indexed = [0, 1], compression = '' } = options;
  const parts: Buffer[] = [];
  let length = 0;
  const add = (...bytes: Buffer[]): number => {
    const at = length;
    for (const part of bytes) {
      parts.push(part);
      length += part.length;
    }
    return at;
  };
  add(MAGIC, raw.header('ros2'));
  const pairs = (first: number, count: number, content: string): Buffer[] =>
    Array.from({ length: 2 * count }, (_, at) => message((at % 2) + 1, first + Math.floor(at / 2), content));
  if (before > 0) add(...schemas, ...channels, ...pairs(0, before, 'before the chunks'));
  const index: Buffer[] = [];
  for (const which of [0, 1]) {
    const first = 10 + 2 * which;
    const definitions = [
      ...(options.chunkSchemas === false ? [] : schemas),
      ...(which === 1 && options.secondTopic !== undefined ? [channel(1, options.secondTopic)] : channels),
    ];
    const strays = Array.from({ length: which === 0 ? (options.strays ?? 0) : 0 }, () =>
      message(77, first, ''),
    );
    const records = Buffer.concat([...definitions, ...pairs(first, 2, 'in a chunk'), ...strays]);
    const stored = compression === 'lz4' ? lz4Compress(records) : records;
    const shift = which === 0 ? (options.chunkStartError ?? 0n) : 0n;
    const startTime = START + BigInt(first) * SECOND + shift;
    const endTime = startTime + SECOND;
    const times = { startTime, endTime, size: records.length, compression };
    const chunk = raw.chunk({
      ...times,
      crc: options.chunkCrc === false ? 0 : crc32(records),
      records: stored,
    });
    const offset = add(chunk);
    const messageIndexes = [1, 2].map((id) =>
      raw.messageIndex(id, [
        [startTime, 0],
        [endTime, 0],
      ]),
    );
    const at = add(...messageIndexes);
    const messageIndexLength = length - at;
    for (let times_ = indexed.filter((listed) => listed === which).length; times_ > 0; times_--) {
      index.push(
        raw.chunkIndex({
          ...{ ...times, offset, length: chunk.length, compressedSize: stored.length },
          messageIndexes: [
            [1, at],
            [2, at + (messageIndexes[0]?.length ?? 0)],
          ],
          messageIndexLength: Math.max(0, messageIndexLength + (options.messageIndexLengthError ?? 0)),
        }),
      );
    }
  }
  add(...pairs(20, after, 'after the chunks'));
  add(raw.dataEnd(options.dataCrc ? crc32(Buffer.concat(parts)) : 0));
  const each = 4 + before + after;
  const channelMessages = options.announced ?? { 1: each, 2: each };
  const messages = Object.values(channelMessages).reduce((sum, count) => sum + count, 0);
  const chunks = options.announcedChunks ?? 2;
  const statistics = raw.statistics({
    ...{
      messages,
      schemas: 2,
      channels: 2,
      chunks,
      startTime: START,
      endTime: START + 30n * SECOND,
      channelMessages,
    },
  });
  const summary = [
    ...(options.summarySchemas === false ? [] : schemas),
    ...(options.summaryChannels === false ? [] : channels),
    ...(options.statistics === false ? [] : [statistics]),
    ...index,
  ];
  const start = add(...summary);
  add(raw.footer(start), MAGIC);
  return Buffer.concat(parts);
}
