import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { readAll } from '../read-all.js';
import { scratchFolder } from '../scratch-folder.js';
import { type CameraFileOptions, cameraFile } from './camera-file.js';
import { MAGIC } from './raw-records.js';

const read = async (
  t: Parameters<typeof scratchFolder>[0],
  options: CameraFileOptions,
  topics?: string[],
) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  await writeFile(path, cameraFile(options));
  return await readAll(path, topics && { topics });
};

const whats = ({
  problems,
}: {
  readonly problems: readonly { readonly what: string; readonly lost: string }[];
}) => problems.map(({ what, lost }) => `${what}; lost: ${lost}`);

for (const compression of ['', 'lz4'] as const) {
  test(`schemas that only stand in the chunks are found (${compression || 'no'} compression)`, async (t) => {
    const bag = await read(t, { compression, summarySchemas: false });
    t.deepEqual(
      bag.topics.map(({ topic, type }) => [topic, type]),
      [
        ['/image', 'sensor_msgs/msg/Image'],
        ['/info', 'sensor_msgs/msg/CameraInfo'],
      ],
    );
    t.true(bag.messages.every(({ type }) => type !== ''));
    t.deepEqual(bag.problems, []);
  });
}

test('channels and schemas that no summary repeats are found', async (t) => {
  const bag = await read(t, { summarySchemas: false, summaryChannels: false });
  t.deepEqual(
    bag.topics.map(({ topic }) => topic),
    ['/image', '/info'],
  );
  t.is(bag.messages.length, 8);
  t.deepEqual(bag.problems, []);
});

test('a channel whose schema is defined nowhere is named, and its messages are read', async (t) => {
  const bag = await read(t, { summarySchemas: false, chunkSchemas: false });
  t.is(bag.messages.length, 8);
  t.regex(
    whats(bag)[0] ?? '',
    /channel 1 \(`\/image`\) is of schema 1, which the file does not define; lost: the type/,
  );
});

test('messages beside chunks, before and after them, are read', async (t) => {
  const bag = await read(t, { before: 2, after: 2 });
  t.is(bag.messages.length, 16);
  t.is(bag.messageCount, 16);
  t.deepEqual(bag.problems, []);
  const times = bag.messages.map(({ logTimeNs }) => logTimeNs);
  t.deepEqual(
    times,
    [...times].sort((a, b) => Number(a - b)),
  );
});

test('a chunk that the index leaves out is read', async (t) => {
  const bag = await read(t, { indexed: [0] });
  t.is(bag.messages.length, 8);
  t.deepEqual(bag.problems, []);
});

test('a chunk index that is wrong about lengths costs nothing', async (t) => {
  for (const wrong of [-40, 13, 1 << 20]) {
    const bag = await read(t, { messageIndexLengthError: wrong });
    t.is(bag.messages.length, 8, String(wrong));
  }
});

test('a chunk that the index lists many times is read once', async (t) => {
  const bag = await read(t, { indexed: [0, 0, 0, 1, 1, 1] });
  t.is(bag.messages.length, 8);
  t.deepEqual(bag.problems, []);
});

test('without statistics the topics have their counts all the same', async (t) => {
  const bag = await read(t, { statistics: false });
  t.deepEqual(
    bag.topics.map(({ messageCount }) => messageCount),
    [4, 4],
  );
  t.is(bag.messageCount, 8);
});

test('statistics that announce more or fewer messages than there are are contradicted, topic by topic', async (t) => {
  const more = await read(t, { announced: { 1: 9, 2: 4 } });
  t.deepEqual(whats(more), ['its statistics announce 9 messages of `/image`, 4 were read; lost: 5 messages']);
  const fewer = await read(t, { announced: { 1: 4, 2: 1 } });
  t.deepEqual(whats(fewer), [
    'its statistics announce 1 message of `/info`, 4 were read; lost: nothing by itself',
  ]);
  const others = await read(t, { announced: { 1: 9, 2: 4 } }, ['/info']);
  t.deepEqual(whats(others), [], 'of topics that were not asked for nothing is known');
});

test('messages of a channel that is defined nowhere are counted', async (t) => {
  const bag = await read(t, { strays: 3 });
  t.is(bag.messages.length, 8);
  t.true(
    whats(bag).includes('channel 77 is defined nowhere in the file; lost: 3 messages'),
    whats(bag).join('\n'),
  );
});

test('fewer chunks than announced are said', async (t) => {
  const bag = await read(t, { announcedChunks: 4 });
  t.deepEqual(whats(bag), ['its statistics announce 4 chunks, found are 2; lost: what was in 2 chunks']);
});

test('the CRC of the data section covers what no chunk CRC does', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  const whole = cameraFile({ after: 2, dataCrc: true });
  await writeFile(path, whole);
  t.deepEqual((await readAll(path)).problems, []);
  const changed = Buffer.from(whole);
  const at = whole.indexOf('after the chunks');
  changed.writeUInt8(0x41, at);
  await writeFile(path, changed);
  const bag = await readAll(path);
  t.is(bag.messages.length, 12);
  t.regex(whats(bag).join('\n'), /data section does not match its CRC/);
});

test('chunk times that are wrong are said, and cost the order only', async (t) => {
  const bag = await read(t, { chunkStartError: 3_000_000_000n });
  t.is(bag.messages.length, 8);
  t.regex(whats(bag)[0] ?? '', /^\d+ messages? came after later ones.*; lost: nothing but the order$/);
});

test('a definition that contradicts an earlier one is named', async (t) => {
  const bag = await read(t, { secondTopic: '/other' });
  t.is(bag.messages.length, 8);
  t.regex(whats(bag).join('\n'), /channel 1 is defined in two ways/);
});

test('statistics are believed also where the index beside them is damaged, and say that a chunk is missing', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  const whole = cameraFile();
  const footer = whole.length - MAGIC.length - 20;
  whole.writeBigUInt64LE(BigInt(whole.length * 2), footer);
  // Everything from the second chunk to its message indexes is cut out.
  const records = recordsOf(whole);
  const chunk = records.filter(({ opcode }) => opcode === 0x06)[1]?.at ?? 0;
  const end = records.find(({ opcode }) => opcode === 0x0f)?.at ?? 0;
  await writeFile(path, Buffer.concat([whole.subarray(0, chunk), whole.subarray(end)]));
  const bag = await readAll(path);
  t.is(bag.messages.length, 4);
  t.deepEqual(whats(bag), [
    'the index at its end is missing or damaged; lost: nothing by itself; the file is searched for messages instead',
    'its statistics announce 2 chunks, found are 1; lost: what was in 1 chunk',
    'its statistics announce 4 messages of `/image`, 2 were read; lost: 2 messages',
    'its statistics announce 4 messages of `/info`, 2 were read; lost: 2 messages',
  ]);
});

test('two files that were joined are read both, and it is said', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  await writeFile(path, Buffer.concat([cameraFile(), cameraFile()]));
  const bag = await readAll(path);
  t.is(bag.messages.length, 16);
  t.regex(whats(bag).join('\n'), /a footer at byte \d+, though the file goes on/);
});

/** The records of a whole file by their places. */
function recordsOf(file: Buffer): { at: number; opcode: number }[] {
  const records: { at: number; opcode: number }[] = [];
  for (let at = MAGIC.length; at < file.length - MAGIC.length; at += 9 + Number(file.readBigUInt64LE(at + 1)))
    records.push({ at, opcode: file.readUInt8(at) });
  return records;
}
