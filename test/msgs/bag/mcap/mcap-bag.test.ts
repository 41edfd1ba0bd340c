import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { openBag } from '../../../../msgs/bag/open-bag.js';
import { fingerprint, readAll } from '../read-all.js';
import { scratchFolder } from '../scratch-folder.js';
import { type FixtureOptions, fixtureMessages, mcapFile } from './mcap-fixture.js';

const forms: Record<string, FixtureOptions> = {
  'uncompressed chunks': {},
  'zstd chunks': { compression: 'zstd' },
  'lz4 chunks': { compression: 'lz4' },
  'no chunks': { useChunks: false },
  'no chunk index': { useChunkIndex: false, useStatistics: false },
  'no message index': { useMessageIndex: false, useChunkIndex: false, compression: 'zstd' },
  'no repeated definitions': { repeatChannels: false, repeatSchemas: false },
  'no summary at all': {
    repeatChannels: false,
    repeatSchemas: false,
    useStatistics: false,
    useChunkIndex: false,
    useSummaryOffsets: false,
  },
};

for (const [name, options] of Object.entries(forms)) {
  test(`reads every message, topic and definition of a file with ${name}`, async (t) => {
    const messages = fixtureMessages(60);
    const path = join(await scratchFolder(t), 'a.mcap');
    await writeFile(path, await mcapFile(messages, options));
    const bag = await readAll(path);
    t.deepEqual(bag.messages.map(fingerprint), messages.map(fingerprint));
    t.is(bag.messages[0]?.publishTimeNs, (messages[0]?.logTimeNs ?? 0n) + 1n);
    t.deepEqual(bag.topics.map(({ topic }) => topic).sort(), ['/camera', '/camera_info', '/imu']);
    t.deepEqual(
      bag.topics.find(({ topic }) => topic === '/imu'),
      {
        topic: '/imu',
        type: 'std_msgs/msg/UInt8MultiArray',
        serialization: 'cdr',
        messageCount: 20,
        definition: 'uint8[] data # /imu',
        qos: '- history: 1',
      },
    );
    t.is(bag.messageCount, 60);
    t.is(bag.startNs, messages[0]?.logTimeNs);
    t.is(bag.endNs, messages.at(-1)?.logTimeNs);
    t.deepEqual(bag.problems, []);
  });
}

test('messages come in log time order, whatever their order in the file', async (t) => {
  const messages = fixtureMessages(90);
  const shuffled = [...messages].sort((a, b) => (a.data[5] ?? 0) - (b.data[5] ?? 0));
  const folder = await scratchFolder(t);
  for (const [index, options] of [{}, { useChunks: false }, { useChunkIndex: false }].entries()) {
    const path = join(folder, `${index}.mcap`);
    await writeFile(path, await mcapFile(shuffled, options));
    t.deepEqual((await readAll(path)).messages.map(fingerprint), messages.map(fingerprint));
  }
});

test('reads only the topics asked for', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  await writeFile(path, await mcapFile(fixtureMessages(30)));
  const { messages } = await readAll(path, { topics: ['/imu', '/absent'] });
  t.is(messages.length, 10);
  t.true(messages.every(({ topic }) => topic === '/imu'));
});

test('aborting ends the iteration without an error', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  await writeFile(path, await mcapFile(fixtureMessages(30)));
  const bag = await openBag(path);
  const abort = new AbortController();
  let count = 0;
  for await (const _ of bag.messages({ signal: abort.signal })) if (++count === 7) abort.abort();
  t.is(count, 7);
  for await (const _ of bag.messages({ signal: abort.signal })) count++;
  t.is(count, 7);
  await bag.close();
  await bag.close();
});

test('a bag without messages has topics and no times', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  await writeFile(path, await mcapFile([]));
  const bag = await readAll(path);
  t.deepEqual(bag.messages, []);
  t.is(bag.topics.length, 3);
  t.is(bag.startNs, undefined);
  t.is(bag.messageCount, 0);
});

test('messages can be read twice, and by two readers at once', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  await writeFile(path, await mcapFile(fixtureMessages(40), { compression: 'lz4' }));
  const bag = await openBag(path);
  const read = async (): Promise<string[]> => {
    const messages: string[] = [];
    for await (const message of bag.messages()) messages.push(fingerprint(message));
    return messages;
  };
  const [first, second] = await Promise.all([read(), read()]);
  t.deepEqual(first, second);
  t.is(first.length, 40);
  await bag.close();
});
