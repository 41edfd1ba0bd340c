import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { readAll } from '../read-all.js';
import { scratchFolder } from '../scratch-folder.js';
import { conformanceVariants } from './conformance-variants.js';

test('the conformance suite has 416 files of different names and contents', (t) => {
  const variants = [...conformanceVariants()];
  t.is(variants.length, 416);
  t.is(new Set(variants.map(({ name }) => name)).size, 416);
  const counts = new Map<string, number>();
  for (const { input } of variants) counts.set(input.name, (counts.get(input.name) ?? 0) + 1);
  t.deepEqual(Object.fromEntries(counts), {
    NoData: 6,
    OneAttachment: 14,
    OneMetadata: 14,
    OneSchemalessMessage: 74,
    OneMessage: 154,
    TenMessages: 154,
  });
});

test('all 416 files of the conformance suite give their messages with topic, type and times, and no problem', async (t) => {
  const path = join(await scratchFolder(t), 'conformance.mcap');
  for (const { name, input, bytes } of conformanceVariants()) {
    await writeFile(path, bytes);
    const bag = await readAll(path);
    t.deepEqual(bag.problems, [], name);
    const { channel, schema, messages } = input;
    const topics = channel && {
      ...{ topic: 'example', type: schema?.name ?? '', serialization: channel.encoding },
      messageCount: messages.length,
    };
    t.deepEqual(bag.topics, topics ? [topics] : [], name);
    // In log time order, those of one time as recorded.
    const expected = messages
      .map((message, index) => ({ message, index }))
      .sort((a, b) => Number(a.message.logTime - b.message.logTime) || a.index - b.index)
      .map(({ message: { logTime, publishTime } }) => ({ logTime, publishTime, data: '010203' }));
    t.deepEqual(
      bag.messages.map(({ logTimeNs, publishTimeNs, cdr }) => ({
        ...{ logTime: logTimeNs, publishTime: publishTimeNs, data: Buffer.from(cdr).toString('hex') },
      })),
      expected,
      name,
    );
    t.is(bag.messageCount, messages.length, name);
  }
});

test('every cut of a conformance file that loses a message says so', async (t) => {
  const path = join(await scratchFolder(t), 'cut.mcap');
  for (const { name, input, bytes } of conformanceVariants()) {
    if (input.name !== 'OneMessage' || !name.endsWith('-st')) continue;
    for (let length = 8; length < bytes.length; length += 31) {
      await writeFile(path, bytes.subarray(0, length));
      const bag = await readAll(path);
      t.true(bag.problems.length > 0, `${name} at ${length}`);
    }
  }
});
