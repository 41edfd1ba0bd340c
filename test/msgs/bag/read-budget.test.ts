import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { McapBag } from '../../../msgs/bag/mcap/mcap-bag.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { ProblemLog } from '../../../msgs/bag/problem-log.js';
import { type ReadLimits, readLimits } from '../../../msgs/bag/read-budget.js';
import { MessageError } from '../../../msgs/errors.js';
import { runLengthZstd } from './compression/run-length-zstd.js';
import { fixtureMessages, mcapFile } from './mcap/mcap-fixture.js';
import { MAGIC, RawRecords, record, u16, u32, u64 } from './mcap/raw-records.js';
import { fingerprint, readAll } from './read-all.js';
import { scratchFolder } from './scratch-folder.js';

const raw = new RawRecords();
const schema = raw.schema({ id: 1, name: 'std_msgs/msg/Empty', encoding: 'ros2msg', data: Buffer.alloc(0) });
const channel = raw.channel({ id: 1, schemaId: 1, topic: '/big', encoding: 'cdr', metadata: {} });

/** A message record of `length` bytes of data, without the data. */
function messageHead(length: number, time: bigint): Buffer {
  return Buffer.concat([Buffer.of(0x05), u64(22 + length), u16(1), u32(0), u64(time), u64(time)]);
}

/** A file of chunks that each unpack to one message of `length` zeros. */
function bombs(count: number, length: number, { indexed = 1 } = {}): Buffer {
  const parts = [MAGIC, raw.header(), schema, channel];
  const index: Buffer[] = [];
  let offset = Buffer.concat(parts).length;
  for (let at = 0; at < count; at++) {
    const time = BigInt(1000 + at);
    const head = messageHead(length, time);
    const records = runLengthZstd(head, length);
    const size = head.length + length;
    const times = { startTime: time, endTime: time, size, compression: 'zstd' };
    const chunk = raw.chunk({ ...times, records });
    parts.push(chunk);
    for (let again = 0; again < indexed; again++) {
      index.push(
        raw.chunkIndex({
          ...{ ...times, offset, length: chunk.length, compressedSize: records.length },
          ...{ messageIndexes: [[1, 0]], messageIndexLength: 0 },
        }),
      );
    }
    offset += chunk.length;
  }
  parts.push(raw.dataEnd());
  const start = Buffer.concat(parts).length;
  const statistics = raw.statistics({
    ...{ messages: count, schemas: 1, channels: 1, chunks: count, startTime: 1000n, endTime: 2000n },
    channelMessages: { 1: count },
  });
  return Buffer.concat([...parts, schema, channel, statistics, ...index, raw.footer(start), MAGIC]);
}

async function readLimited(path: string, limits: ReadLimits) {
  const log = new ProblemLog();
  const bag = await McapBag.open(path, log, limits);
  const messages: string[] = [];
  let lastNs = 0n;
  let isOrdered = true;
  for await (const message of bag.messages()) {
    messages.push(fingerprint(message));
    if (message.logTimeNs < lastNs) isOrdered = false;
    lastNs = message.logTimeNs;
  }
  await bag.close();
  return { messages, isOrdered, said: log.problems.map(({ what, lost }) => `${what}; lost: ${lost}`) };
}

test('a small chunk that unpacks to 256 MB is not unpacked, and named, however often the index lists it', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  await writeFile(path, bombs(1, 256 << 20, { indexed: 100 }));
  const { messages, problems } = await readAll(path);
  t.is(messages.length, 0);
  t.regex(problems[0]?.what ?? '', /chunk unpacks to 268435487 bytes, more than the \d+ of its budget/);
  t.deepEqual(problems.at(-1), {
    file: path,
    what: 'its statistics announce 1 message of `/big`, 0 were read',
    lost: '1 message',
  });
});

test('a chunk that claims more than its blocks can hold is not unpacked', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  const records = runLengthZstd(messageHead(0, 5n), 0);
  const chunk = raw.chunk({ startTime: 5n, endTime: 5n, size: 100 << 20, compression: 'zstd', records });
  await writeFile(
    path,
    Buffer.concat([MAGIC, raw.header(), schema, channel, chunk, raw.dataEnd(), raw.footer(0), MAGIC]),
  );
  const { problems, topics } = await readAll(path);
  t.is(topics[0]?.messageCount, undefined, 'what cannot be counted is not none');
  t.regex(problems[0]?.what ?? '', /chunk of 51 bytes claims 104857600 bytes/);
});

test('many chunks that unpack to much are read until the budget of the file is spent', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  await writeFile(path, bombs(10, 400_000));
  const size = bombs(10, 400_000).length;
  // What remains beside a thousand times the size of the file is enough for two and a half of them.
  const leastWork = 1_000_000 - 1000 * size;
  const { messages, said } = await readLimited(path, { ...readLimits(), leastWork });
  t.is(messages.length, 2);
  t.is(said.filter((text) => /more than is left of the budget of its file/.test(text)).length, 8);
  t.is(said.at(-1), 'its statistics announce 10 messages of `/big`, 2 were read; lost: 8 messages');
  t.is((await readLimited(path, readLimits())).messages.length, 10);
});

test('messages cost by number too: what is beyond the budget is counted', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  const tiny = Buffer.concat(Array.from({ length: 5000 }, () => messageHead(0, 7n)));
  const chunk = raw.chunk({ startTime: 7n, endTime: 7n, size: tiny.length, records: tiny });
  const file = Buffer.concat([
    MAGIC,
    raw.header(),
    schema,
    channel,
    chunk,
    raw.dataEnd(),
    raw.footer(0),
    MAGIC,
  ]);
  await writeFile(path, file);
  const leastWork = 1000 * 512 - 1000 * file.length;
  const { messages, said } = await readLimited(path, { ...readLimits(), leastWork });
  t.is(messages.length, 1000);
  t.regex(said[0] ?? '', /more messages than the budget .* lost: 4000 messages between 7 and 7 ns/);
});

test('where chunks overlap by more than the memory for them, the order is given up and nothing is lost', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  const messages = fixtureMessages(400);
  // Every chunk holds something early, so that each one would have to be open before the second message.
  const mixed = messages.map((message, at) =>
    at % 8 === 0 ? { ...message, logTimeNs: BigInt(1 + at) } : message,
  );
  await writeFile(path, await mcapFile(mixed));
  const roomy = await readLimited(path, readLimits());
  t.true(roomy.isOrdered);
  t.deepEqual(roomy.said, []);
  const narrow = await readLimited(path, { ...readLimits(), heldBytes: 10_000 });
  t.false(narrow.isOrdered);
  t.deepEqual([...narrow.messages].sort(), [...roomy.messages].sort());
  t.regex(narrow.said.join('\n'), /^\d+ messages came after later ones.*; lost: nothing but the order$/);
});

test('a file compressed as a whole that unpacks to 1 GB of zeros is no bag, and nothing of it is written', async (t) => {
  const folder = await scratchFolder(t);
  const path = join(folder, 'a.mcap.zstd');
  await writeFile(path, runLengthZstd(Buffer.alloc(8), 1 << 30));
  const before = (await readdir(tmpdir())).filter((name) => name.startsWith('rxdepth-bag-')).length;
  await t.throwsAsync(openBag(path), {
    instanceOf: MessageError,
    message: /a\.mcap\.zstd` does not decompress: .*no bag/,
  });
  const after = (await readdir(tmpdir())).filter((name) => name.startsWith('rxdepth-bag-')).length;
  t.true(after <= before);
});

test('a zstd window of gigabytes is refused by its size', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap.zstd');
  const frame = runLengthZstd(MAGIC, 1 << 20);
  frame.writeUInt8(0xa8, 5); // 2 GiB
  await writeFile(path, frame);
  await t.throwsAsync(openBag(path), {
    instanceOf: MessageError,
    message: /zstd window of 2147483648 bytes/,
  });
});

test('nested look-alikes are searched in linear time: few problems, each with a sum that is no debt', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  // Private records, each of which holds the head of a chunk that is none, and a last one that runs over the end.
  const fake = Buffer.concat([Buffer.of(0x06), u64(1 << 20), u64(1), u64(2)]);
  const records = Array.from({ length: 2000 }, () => record(0x80, fake, Buffer.alloc(6)));
  const over = Buffer.concat([Buffer.of(0x80), u64(1 << 30), Buffer.alloc(57)]);
  await writeFile(path, Buffer.concat([MAGIC, raw.header(), schema, channel, ...records, over]));
  const { problems } = await readAll(path);
  t.true(problems.length <= 25, `${problems.length} problems`);
  for (const { lost } of problems) t.notRegex(lost, /-\d/);
});

test('no file has more than some hundred problems told one by one', (t) => {
  const log = new ProblemLog();
  for (let at = 0; at < 100_000; at++) log.add({ file: 'a', what: `problem ${at}`, lost: '1 message' });
  t.true(log.problems.length < 300);
  t.regex(log.problems.at(-1)?.what ?? '', /^99800 more problems, the last of them: problem 99999$/);
});

const yamls: Record<string, string> = {
  'aliases that multiply': `a: &a [x,x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 9 }, (_, at) => {
    const [name, before] = [String.fromCharCode(98 + at), String.fromCharCode(97 + at)];
    return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(',')}]`;
  }).join('\n')}\nrosbag2_bagfile_information: *j\n`,
  'a hundred thousand brackets': `rosbag2_bagfile_information: ${'['.repeat(100_000)}`,
  'lists in lists, balanced': `rosbag2_bagfile_information: ${'['.repeat(1000)}${']'.repeat(1000)}`,
  'lists in lists of one line': `rosbag2_bagfile_information:\n${'- '.repeat(5000)}x\n`,
  'more than any bag needs': `rosbag2_bagfile_information:\n${'  # nothing\n'.repeat(400_000)}`,
};

for (const [name, text] of Object.entries(yamls)) {
  test(`metadata.yaml of ${name} is reported, and the bag read without it`, async (t) => {
    const folder = join(await scratchFolder(t), 'bag');
    await mkdir(folder);
    const messages = fixtureMessages(30);
    await writeFile(join(folder, 'a.mcap'), await mcapFile(messages));
    await writeFile(join(folder, 'metadata.yaml'), text);
    const bag = await readAll(folder);
    t.deepEqual(bag.messages.map(fingerprint), messages.map(fingerprint));
    t.is(bag.problems.length, 1);
    t.regex(bag.problems[0]?.file ?? '', /metadata\.yaml$/);
  });
}
