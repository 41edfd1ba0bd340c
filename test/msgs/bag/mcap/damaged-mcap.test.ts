import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { fingerprint, readAll } from '../read-all.js';
import { scratchFolder } from '../scratch-folder.js';
import { type FixtureOptions, fixtureMessages, mcapFile } from './mcap-fixture.js';

/** Magic and Header record: before its end there is nothing to recover. */
const HEADER_END = 64;
const messages = fixtureMessages(60);
const expected = messages.map(fingerprint);

const forms: Record<string, FixtureOptions> = {
  'uncompressed chunks': {},
  'zstd chunks': { compression: 'zstd' },
  'lz4 chunks': { compression: 'lz4' },
  'no chunks': { useChunks: false },
};

for (const [name, options] of Object.entries(forms)) {
  test(`a file with ${name} cut off anywhere gives a prefix of its messages and says so`, async (t) => {
    const path = join(await scratchFolder(t), 'cut.mcap');
    const whole = await mcapFile(messages, options);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: HEADER_END, max: whole.length - 1 }), async (length) => {
        await writeFile(path, whole.subarray(0, length));
        const bag = await readAll(path);
        t.deepEqual(bag.messages.map(fingerprint), expected.slice(0, bag.messages.length));
        t.true(bag.problems.length > 0);
      }),
      { numRuns: 120 },
    );
  });

  test(`a file with ${name} and one changed byte never hangs, throws or invents messages`, async (t) => {
    const path = join(await scratchFolder(t), 'flipped.mcap');
    const whole = await mcapFile(messages, options);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: HEADER_END, max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, change) => {
          const damaged = Buffer.from(whole);
          damaged.writeUInt8(whole.readUInt8(at) ^ change, at);
          await writeFile(path, damaged);
          const bag = await readAll(path);
          t.true(bag.messages.length <= messages.length);
          if (options.useChunks !== false && bag.problems.length === 0)
            t.is(bag.messages.length, messages.length);
          // Chunk CRCs catch every change of a message; without chunks at most one differs.
          const known = new Set(expected);
          const strange = bag.messages.filter((message) => !known.has(fingerprint(message))).length;
          t.true(strange <= (options.useChunks === false ? 1 : 0), `${strange} strange messages`);
        },
      ),
      { numRuns: 150 },
    );
  });
}

test('garbage in the middle loses the chunk it hits, and what is lost is said', async (t) => {
  const path = join(await scratchFolder(t), 'garbage.mcap');
  const damaged = await mcapFile(messages);
  const middle = damaged.length >> 1;
  damaged.fill(0xa5, middle, middle + 300);
  await writeFile(path, damaged);
  const bag = await readAll(path);
  t.true(bag.messages.length >= 40 && bag.messages.length < 60);
  t.is(bag.messages.at(-1)?.logTimeNs, messages.at(-1)?.logTimeNs);
  const [chunk, ...others] = bag.problems;
  t.regex(chunk?.what ?? '', /^at byte \d+: chunk CRC mismatch$/);
  t.regex(chunk?.lost ?? '', /messages between \d+ and \d+ ns/);
  t.regex(others.pop()?.what ?? '', /data section does not match its CRC/);
  // And the sums, by what the statistics announce of every topic.
  const lost = others.map(({ what }) => /announce 20 messages of .*, (\d+) were read/.exec(what)?.[1]);
  t.is(
    lost.reduce((sum, read) => sum + 20 - Number(read), 0),
    60 - bag.messages.length,
  );
});

test('without an index, what lies behind garbage is found again', async (t) => {
  const path = join(await scratchFolder(t), 'garbage.mcap');
  for (const options of [{ useChunks: false }, {}, { compression: 'zstd' }] satisfies FixtureOptions[]) {
    const whole = await mcapFile(messages, options);
    const damaged = whole.subarray(0, Math.floor(whole.length * 0.8)); // no index
    const middle = damaged.length >> 1;
    damaged.fill(0xff, middle, middle + 1200);
    await writeFile(path, damaged);
    const { messages: read, problems } = await readAll(path);
    const fromBehind = read.filter(({ logTimeNs }) => logTimeNs > (messages[32]?.logTimeNs ?? 0n));
    t.true(read.length >= 15, `${read.length} messages`);
    t.true(fromBehind.length > 0, JSON.stringify(options));
    t.true(problems.length > 0);
  }
});

test('a damaged lz4 chunk does not keep later ones from being read', async (t) => {
  const path = join(await scratchFolder(t), 'lz4.mcap');
  const damaged = await mcapFile(messages, { compression: 'lz4' });
  damaged.fill(0x77, 1000, 1040);
  await writeFile(path, damaged);
  const bag = await readAll(path);
  t.true(bag.messages.length > 40);
  t.is(bag.messages.at(-1)?.logTimeNs, messages.at(-1)?.logTimeNs);
});

test('a chunk that claims an absurd size is skipped', async (t) => {
  const path = join(await scratchFolder(t), 'huge.mcap');
  const damaged = await mcapFile(messages, { compression: 'zstd' });
  const chunk = damaged.indexOf('zstd') - 41;
  t.is(damaged.readUInt8(chunk), 0x06);
  damaged.writeBigUInt64LE(1n << 45n, chunk + 25);
  await writeFile(path, damaged);
  const bag = await readAll(path);
  t.true(bag.messages.length > 40);
  t.regex(bag.problems[0]?.what ?? '', /chunk of \d+ bytes claims 35184372088832 bytes/);
});
