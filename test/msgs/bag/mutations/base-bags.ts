import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BagWriter } from '../../../../msgs/bag/bag-writer.js';
import { loadZstd } from '../../../../msgs/bag/compression/zstd.js';
import { cameraFile } from '../mcap/camera-file.js';
import { type FixtureOptions, fixtureMessages, fixtureTopics, mcapFile } from '../mcap/mcap-fixture.js';
import { fingerprint, readAll } from '../read-all.js';
import { sqliteFile } from '../sqlite/sqlite-fixture.js';

/** What an intact bag of this form lets a reader notice. */
export type Guard =
  /** CRCs cover every message and its place: any loss or change can be told. */
  | 'crc'
  /** Messages are counted somewhere else: that some are missing can be told, not that one was changed. */
  | 'count';

/** A small bag to be damaged: its files, and the fingerprints of its messages. */
export interface BaseBag {
  readonly form: string;
  readonly guard: Guard;
  readonly files: ReadonlyMap<string, Buffer>;
  readonly messages: readonly string[];
}

const messages = fixtureMessages(40, 60);

const mcapForms: Readonly<Record<string, FixtureOptions>> = {
  'mcap, chunks': { chunkSize: 800 },
  'mcap, zstd chunks': { chunkSize: 800, compression: 'zstd' },
  'mcap, lz4 chunks': { chunkSize: 800, compression: 'lz4' },
  'mcap, no chunks': { useChunks: false },
  'mcap, zstd chunks, no summary': {
    ...{ chunkSize: 800, compression: 'zstd', repeatChannels: false, repeatSchemas: false },
    ...{ useStatistics: false, useChunkIndex: false, useSummaryOffsets: false },
  },
};

/** Every form of bag, made in `folder`, which is used up by it. */
export async function baseBags(folder: string): Promise<BaseBag[]> {
  const bags: BaseBag[] = [];
  const add = async (form: string, guard: Guard, files: Readonly<Record<string, Buffer>>): Promise<void> => {
    const path = join(folder, String(bags.length));
    await mkdir(path);
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(path, name), bytes);
    const { messages: read, problems } = await readAll(path);
    if (problems.length > 0 || read.length === 0) throw new Error(`${form}: ${JSON.stringify(problems)}`);
    bags.push({ form, guard, files: new Map(Object.entries(files)), messages: read.map(fingerprint) });
  };
  for (const [form, options] of Object.entries(mcapForms))
    await add(form, 'crc', { 'a.mcap': await mcapFile(messages, options) });
  await add('mcap, no CRC', 'count', { 'a.mcap': cameraFile({ chunkCrc: false, after: 3 }) });

  const recorded = join(folder, 'recorded');
  const writer = await BagWriter.create(recorded, { compression: 'zstd' });
  const ids = new Map<string, number>();
  for (const topic of fixtureTopics)
    ids.set(
      topic,
      await writer.addTopic({ topic, type: 'std_msgs/msg/UInt8MultiArray', definition: 'uint8[] data' }),
    );
  for (const { topic, data, logTimeNs } of messages)
    await writer.write(ids.get(topic) ?? 0, Buffer.from(data), logTimeNs);
  await writer.close();
  const names = ['recorded_0.mcap', 'metadata.yaml'];
  const files = await Promise.all(
    names.map(async (name) => [name, await readFile(join(recorded, name))] as const),
  );
  await add('bag folder of this project', 'crc', Object.fromEntries(files));

  const database = async (name: string, pageSize: number, rows = messages): Promise<Buffer> => {
    sqliteFile(join(folder, name), rows, { pageSize });
    return await readFile(join(folder, name));
  };
  await add('sqlite', 'count', { 'a.db3': await database('small.db3', 1024) });
  const large = [...messages.slice(0, 30), ...fixtureMessages(40, 3000).slice(30)];
  await add('sqlite, rows of several pages', 'count', { 'a.db3': await database('large.db3', 512, large) });

  const zstd = await loadZstd();
  const packed = messages.map((message) => ({
    ...message,
    data: new Uint8Array(zstd.compress(message.data, 1)),
  }));
  const metadata = (file: string, mode: string): Buffer =>
    Buffer.from(`rosbag2_bagfile_information:
  version: 5
  compression_format: zstd
  compression_mode: ${mode}
  message_count: ${messages.length}
  topics_with_message_count:
${fixtureTopics
  .map((name) => {
    const count = messages.filter(({ topic }) => topic === name).length;
    return `    - topic_metadata: {name: ${name}, type: std_msgs/msg/UInt8MultiArray}\n      message_count: ${count}`;
  })
  .join('\n')}
  relative_file_paths: [${file}]
`);
  await add('sqlite, zstd messages', 'count', {
    'a.db3': await database('packed.db3', 1024, packed),
    'metadata.yaml': metadata('a.db3', 'MESSAGE'),
  });
  await add('mcap, zstd file', 'crc', {
    'a.mcap.zstd': Buffer.from(zstd.compress(await mcapFile(messages, { chunkSize: 800 }), 1)),
    'metadata.yaml': metadata('a.mcap.zstd', 'FILE'),
  });
  return bags;
}
