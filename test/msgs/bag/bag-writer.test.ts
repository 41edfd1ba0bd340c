import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { McapIndexedReader, McapStreamReader, type TypedMcapRecord } from '@mcap/core';
import test from 'ava';
import { parse } from 'yaml';
import { BagWriter } from '../../../msgs/bag/bag-writer.js';
import { loadZstd } from '../../../msgs/bag/compression/zstd.js';
import type { AppendableFile } from '../../../msgs/bag/files/appendable-file.js';
import { MessageError } from '../../../msgs/errors.js';
import { readAll } from './read-all.js';
import { scratchFolder } from './scratch-folder.js';

const image = { topic: '/image', type: 'sensor_msgs/msg/Image', definition: 'uint8[] data' };
const tf = { topic: '/tf_static', type: 'tf2_msgs/msg/TFMessage', definition: 'string x', latched: true };

function pattern(bytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, at) => (at * seed) >> 2);
}

/** Sizes around the limit from which messages are written without a copy, and around a chunk. */
const sizes = [0, 1, 300, 65_535, 65_536, 70_000, 900_000, 60_000, 1_200_000, 5];

for (const compression of ['none', 'zstd'] as const) {
  test(`@mcap/core reads back, with all CRCs checked, what is written with compression ${compression}`, async (t) => {
    const folder = join(await scratchFolder(t), 'drive');
    const writer = await BagWriter.create(folder, { compression });
    const [a, b] = [await writer.addTopic(image), await writer.addTopic(tf)];
    const unaligned = new Uint8Array(new ArrayBuffer(400), 3, 300);
    const sent = sizes.map((size, index) => (index === 2 ? unaligned : pattern(size, index + 3)));
    for (const [index, data] of sent.entries())
      await writer.write(index % 3 ? a : b, data, 100n + BigInt(index), 7n);
    await writer.close();

    const bytes = await readFile(join(folder, 'drive_0.mcap'));
    const zstd = await loadZstd();
    const decompressHandlers = {
      zstd: (chunk: Uint8Array, size: bigint) => zstd.decompress(chunk, Number(size)),
    };
    const indexed = await McapIndexedReader.Initialize({
      readable: {
        size: async () => BigInt(bytes.length),
        read: async (offset, length) => bytes.subarray(Number(offset), Number(offset + length)),
      },
      decompressHandlers,
    });
    t.is(indexed.header.profile, 'ros2');
    t.is(indexed.statistics?.messageCount, BigInt(sizes.length));
    let index = 0;
    for await (const message of indexed.readMessages({ validateCrcs: true })) {
      const data = sent[index] ?? new Uint8Array();
      t.is(message.logTime, 100n + BigInt(index));
      t.is(message.publishTime, 7n);
      t.is(message.channelId, index % 3 ? a : b);
      t.is(Buffer.compare(message.data, data), 0, `message ${index}`);
      index += 1;
    }
    t.is(index, sizes.length);

    const stream = new McapStreamReader({ validateCrcs: true, decompressHandlers });
    stream.append(bytes);
    const kinds: string[] = [];
    for (
      let record: TypedMcapRecord | undefined = stream.nextRecord();
      record;
      record = stream.nextRecord()
    ) {
      kinds.push(record.type);
    }
    t.true(stream.done());
    t.is(kinds.filter((kind) => kind === 'Message').length, sizes.length);
    t.deepEqual(
      (await readAll(folder)).messages.map(({ cdr }) => cdr.length),
      sizes,
    );
  });
}

test('the index of a file of a thousand chunks leads to every message', async (t) => {
  const folder = join(await scratchFolder(t), 'long');
  const writer = await BagWriter.create(folder);
  const channel = await writer.addTopic(image);
  const data = new Uint8Array(64 << 10);
  for (let at = 0; at < 1000; at++) await writer.write(channel, data, BigInt(at));
  await writer.close();
  const file = await open(join(folder, 'long_0.mcap'));
  t.teardown(() => file.close());
  const reader = await McapIndexedReader.Initialize({
    readable: {
      size: async () => BigInt((await file.stat()).size),
      read: async (offset, length) => {
        const bytes = new Uint8Array(Number(length));
        await file.read(bytes, 0, bytes.length, Number(offset));
        return bytes;
      },
    },
  });
  t.is(reader.chunkIndexes.length, 1000);
  const stamps: bigint[] = [];
  for await (const { logTime } of reader.readMessages({ startTime: 990n, validateCrcs: true }))
    stamps.push(logTime);
  t.deepEqual(
    stamps,
    Array.from({ length: 10 }, (_, at) => 990n + BigInt(at)),
  );
});

test('metadata.yaml says what ros2 bag info shows, and latched topics are transient local', async (t) => {
  const folder = join(await scratchFolder(t), 'drive');
  const writer = await BagWriter.create(folder);
  const [a, b] = [await writer.addTopic(image), await writer.addTopic(tf)];
  await writer.write(b, pattern(40, 1), 1_317_046_451_000_000_123n);
  await writer.write(a, pattern(40, 1), 1_317_046_451_900_000_124n);
  await writer.write(a, pattern(40, 1), 1_317_046_451_500_000_000n);
  await writer.close();
  t.deepEqual((await readdir(folder)).sort(), ['drive_0.mcap', 'metadata.yaml']);
  const text = await readFile(join(folder, 'metadata.yaml'), 'utf8');
  const { rosbag2_bagfile_information: info } = parse(text, { intAsBigInt: true });
  t.is(info.version, 5n);
  t.is(info.storage_identifier, 'mcap');
  t.is(info.starting_time.nanoseconds_since_epoch, 1_317_046_451_000_000_123n);
  t.is(info.duration.nanoseconds, 900_000_001n);
  t.is(info.message_count, 3n);
  t.deepEqual(info.relative_file_paths, ['drive_0.mcap']);
  t.is(info.files[0].message_count, 3n);
  const [imageTopic, tfTopic] = info.topics_with_message_count;
  t.is(imageTopic.topic_metadata.name, '/image');
  t.is(imageTopic.message_count, 2n);
  t.is(parse(imageTopic.topic_metadata.offered_qos_profiles)[0].durability, 2);
  t.is(parse(tfTopic.topic_metadata.offered_qos_profiles)[0].durability, 1);
});

test('calls made without waiting are written in order, and close waits for them', async (t) => {
  const folder = join(await scratchFolder(t), 'drive');
  const writer = await BagWriter.create(folder);
  const channel = await writer.addTopic(image);
  const writes = Array.from({ length: 50 }, (_, index) =>
    writer.write(channel, pattern(index % 5 ? 9 : 80_000, index), BigInt(index)),
  );
  await Promise.all([...writes, writer.close(), writer.close()]);
  await writer.close();
  const bag = await readAll(folder);
  t.deepEqual(
    bag.messages.map(({ logTimeNs }) => Number(logTimeNs)),
    [...Array(50).keys()],
  );
  await t.throwsAsync(writer.write(channel, pattern(1, 1), 1n), {
    instanceOf: MessageError,
    message: /is closed/,
  });
});

test('messages that wait for each other go to the disk together, and the file is the same as of single ones', async (t) => {
  const folder = await scratchFolder(t);
  const lengths = [80_000, 9, 70_000, 300, 66_000, ...Array.from({ length: 40 }, () => 60_000), 90_000];
  const record = async (name: string, together: boolean) => {
    const file = new SmallDisk(join(folder, name), Number.POSITIVE_INFINITY);
    const writer = await BagWriter.create(join(folder, `of ${name}`), { createFile: async () => file });
    const channels = [await writer.addTopic(image), await writer.addTopic(tf)];
    const before = file.appends;
    const write = (length: number, at: number) =>
      writer.write(channels[at % 2] ?? 0, pattern(length, at + 1), BigInt(at));
    if (together) await Promise.all(lengths.map(write));
    else for (const [at, length] of lengths.entries()) await write(length, at);
    const appends = file.appends - before;
    await writer.close();
    return { appends, bytes: await readFile(file.path) };
  };
  const [single, together] = [await record('single', false), await record('together', true)];
  t.true(together.bytes.equals(single.bytes));
  // Four large ones and two chunks of those of 60 kB, which two buffers hold.
  t.is(single.appends, 6);
  t.true(together.appends <= 3, `${together.appends}`);
});

test('of messages that do not all fit on the disk, those stay that do', async (t) => {
  const folder = join(await scratchFolder(t), 'drive');
  const writer = await BagWriter.create(folder, { createFile: async (path) => new SmallDisk(path, 350_000) });
  const channel = await writer.addTopic(image);
  const failures = await Promise.allSettled(
    Array.from({ length: 5 }, (_, at) => writer.write(channel, pattern(100_000, at + 1), BigInt(at))),
  );
  for (const failure of failures)
    if (failure.status === 'rejected') t.regex(failure.reason.message, /disk is full \(ENOSPC\); 3 messages/);
  t.is(failures.at(-1)?.status, 'rejected');
  await t.throwsAsync(writer.write(channel, pattern(1, 8), 8n), { message: /3 messages before are kept/ });
  await writer.close();
  const bag = await readAll(folder);
  t.is(bag.messages.length, 3);
  t.deepEqual(bag.problems, []);
});

test('a refused message does not take those with it that were given at the same time', async (t) => {
  const folder = join(await scratchFolder(t), 'drive');
  const writer = await BagWriter.create(folder);
  const channel = await writer.addTopic(image);
  const [before, refused, other, after] = await Promise.allSettled([
    writer.write(channel, pattern(5, 1), 1n),
    writer.write(77, pattern(5, 1), 2n),
    writer.write(channel, pattern(5, 1), -3n),
    writer.write(channel, pattern(70_000, 1), 4n),
  ]);
  t.deepEqual(
    [before, refused, other, after].map((result) => result?.status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  );
  await writer.close();
  t.deepEqual(
    (await readAll(folder)).messages.map(({ logTimeNs }) => logTimeNs),
    [1n, 4n],
  );
});

test('a bag without messages is complete', async (t) => {
  const folder = join(await scratchFolder(t), 'drive');
  const writer = await BagWriter.create(folder);
  await writer.addTopic(image);
  await writer.close();
  const bag = await readAll(folder);
  t.is(bag.messageCount, 0);
  t.is(bag.topics[0]?.definition, 'uint8[] data');
  t.deepEqual(bag.problems, []);
});

test('a recording that was killed has lost no more than its last chunk', async (t) => {
  const folder = join(await scratchFolder(t), 'drive');
  const writer = await BagWriter.create(folder);
  const channel = await writer.addTopic(image);
  for (let index = 0; index < 10; index++)
    await writer.write(channel, pattern(100_000, index + 1), BigInt(index));
  const bag = await readAll(folder); // no close: neither index nor metadata.yaml
  t.is(bag.messages.length, 10);
  t.is(bag.topics[0]?.type, 'sensor_msgs/msg/Image');
  t.deepEqual(
    bag.problems.map(({ lost }) => lost),
    ['nothing by itself; the file is searched for messages instead'],
  );
  await writer.close();
});

test('a full disk is named, all before it is kept, and close still finishes the file', async (t) => {
  const folder = join(await scratchFolder(t), 'drive');
  const writer = await BagWriter.create(folder, { createFile: async (path) => new SmallDisk(path, 700_000) });
  const channel = await writer.addTopic(image);
  const failure = {
    instanceOf: MessageError,
    message: /drive_0\.mcap` any further: the disk is full \(ENOSPC\); 6 messages/,
  };
  for (let index = 0; index < 6; index++)
    await writer.write(channel, pattern(100_000, index + 1), BigInt(index));
  await writer.write(channel, pattern(100, 1), 6n); // waits in memory
  await t.throwsAsync(writer.write(channel, pattern(100_000, 8), 7n), failure);
  await t.throwsAsync(writer.write(channel, pattern(1, 8), 8n), failure);
  await writer.close();
  const bag = await readAll(folder);
  t.is(bag.messages.length, 6);
  t.deepEqual(bag.problems, []);
});

test('when not even the index fits on the disk, close says so and the messages are still readable', async (t) => {
  const folder = join(await scratchFolder(t), 'drive');
  const writer = await BagWriter.create(folder, { createFile: async (path) => new SmallDisk(path, 201_000) });
  const channel = await writer.addTopic(image);
  for (let index = 0; index < 2; index++)
    await writer.write(channel, pattern(100_000, index + 1), BigInt(index));
  await t.throwsAsync(writer.close(), {
    instanceOf: MessageError,
    message: /no index, but its messages can still be read/,
  });
  t.is((await readAll(join(folder, 'drive_0.mcap'))).messages.length, 2);
});

test('a folder that cannot be made is a clear error, not a hang', async (t) => {
  const file = join(await scratchFolder(t), 'file');
  await writeFile(file, 'x');
  const failure = { instanceOf: MessageError, message: /cannot make the bag folder/ };
  await t.throwsAsync(BagWriter.create(join(file, 'bag')), failure);
  await t.throwsAsync(BagWriter.create(file), failure);
  if (process.platform === 'linux') await t.throwsAsync(BagWriter.create('/proc/no/bag'), failure);
});

test('only a bag is overwritten, and only when asked to', async (t) => {
  const folder = join(await scratchFolder(t), 'drive');
  const record = async (count: number, overwrite: boolean): Promise<void> => {
    const writer = await BagWriter.create(folder, { overwrite });
    const channel = await writer.addTopic(image);
    for (let index = 0; index < count; index++) await writer.write(channel, pattern(9, 1), BigInt(index));
    await writer.close();
  };
  await record(3, false);
  await t.throwsAsync(record(4, false), { instanceOf: MessageError, message: /not empty/ });
  await record(5, true);
  t.is((await readAll(folder)).messages.length, 5);
  await mkdir(join(folder, 'pictures'));
  await t.throwsAsync(record(6, true), {
    instanceOf: MessageError,
    message: /`pictures` in it is not part of a bag that rxdepth writes/,
  });
  t.is((await readAll(folder)).messages.length, 5);
});

test('wrong calls are refused without harm to the bag', async (t) => {
  const folder = join(await scratchFolder(t), 'drive');
  const writer = await BagWriter.create(folder);
  const channel = await writer.addTopic(image);
  await t.throwsAsync(writer.addTopic(image), { message: /`\/image` was already added/ });
  await t.throwsAsync(writer.write(77, pattern(1, 1), 1n), { message: /no channel 77/ });
  await t.throwsAsync(writer.write(channel, pattern(1, 1), -1n), { message: /expected stamps/ });
  await writer.write(channel, pattern(1, 1), 1n);
  await writer.close();
  t.is((await readAll(folder)).messages.length, 1);
});

/** A disk of few bytes: takes what fits of a write, then fails like a full one. */
class SmallDisk implements AppendableFile {
  readonly path: string;
  position = 0;
  appends = 0;
  readonly #capacity: number;
  #bytes = Buffer.alloc(0);

  constructor(path: string, capacity: number) {
    this.path = path;
    this.#capacity = capacity;
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    this.appends += 1;
    this.#bytes = Buffer.concat([this.#bytes.subarray(0, this.position), ...parts]);
    const isFull = this.#bytes.length > this.#capacity;
    this.#bytes = this.#bytes.subarray(0, this.#capacity);
    await writeFile(this.path, this.#bytes);
    if (isFull) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    this.position = this.#bytes.length;
  }

  async dropTail(): Promise<void> {
    this.#bytes = this.#bytes.subarray(0, this.position);
    await writeFile(this.path, this.#bytes);
  }

  async close(): Promise<void> {}
}
