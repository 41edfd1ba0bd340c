import { McapWriter, type McapWriterOptions } from '@mcap/core';
import { loadZstd } from '../../../../msgs/bag/compression/zstd.js';
import { lz4Compress } from '../compression/lz4-compress.js';

export interface FixtureMessage {
  readonly topic: string;
  readonly logTimeNs: bigint;
  readonly data: Uint8Array;
}

export const fixtureTopics = ['/camera', '/camera_info', '/imu'];

/** Messages of three topics, 10 ms apart, with contents that name topic and time. */
export function fixtureMessages(count: number, bytes = 200): FixtureMessage[] {
  return Array.from({ length: count }, (_, index) => {
    const topic = fixtureTopics[index % fixtureTopics.length] ?? '';
    const data = new Uint8Array(bytes + (index % 7));
    for (let at = 0; at < data.length; at++) data[at] = (index * 31 + at * 7) & 0xff;
    return { topic, logTimeNs: 1_700_000_000_000_000_000n + BigInt(index) * 10_000_000n, data };
  });
}

export type FixtureOptions = Omit<McapWriterOptions, 'writable' | 'compressChunk'> & {
  readonly compression?: 'zstd' | 'lz4';
};

/** An MCAP file written by @mcap/core in the order given. */
export async function mcapFile(
  messages: readonly FixtureMessage[],
  options: FixtureOptions = {},
): Promise<Buffer> {
  const { compression, ...writerOptions } = options;
  const zstd = await loadZstd();
  const parts: Buffer[] = [];
  let position = 0n;
  const writer = new McapWriter({
    chunkSize: 2000,
    ...writerOptions,
    writable: {
      position: () => position,
      write: async (bytes) => {
        parts.push(Buffer.from(bytes));
        position += BigInt(bytes.length);
      },
    },
    ...(compression && {
      compressChunk: (chunk: Uint8Array) => ({
        compression,
        compressedData: compression === 'zstd' ? zstd.compress(chunk, 3) : lz4Compress(Buffer.from(chunk)),
      }),
    }),
  });
  await writer.start({ profile: 'ros2', library: 'fixture' });
  const ids = new Map<string, number>();
  for (const topic of fixtureTopics) {
    const schemaId = await writer.registerSchema({
      name: 'std_msgs/msg/UInt8MultiArray',
      encoding: 'ros2msg',
      data: new TextEncoder().encode(`uint8[] data # ${topic}`),
    });
    ids.set(
      topic,
      await writer.registerChannel({
        topic,
        schemaId,
        messageEncoding: 'cdr',
        metadata: new Map([['offered_qos_profiles', '- history: 1']]),
      }),
    );
  }
  let sequence = 0;
  for (const { topic, logTimeNs, data } of messages) {
    await writer.addMessage({
      channelId: ids.get(topic) ?? 0,
      sequence: sequence++,
      logTime: logTimeNs,
      publishTime: logTimeNs + 1n,
      data,
    });
  }
  await writer.end();
  return Buffer.concat(parts);
}
