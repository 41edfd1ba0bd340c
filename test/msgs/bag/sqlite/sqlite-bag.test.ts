import { readFileSync, writeFileSync } from 'node:fs';
import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { openBag } from '../../../../msgs/bag/open-bag.js';
import { MessageError } from '../../../../msgs/errors.js';
import { fixtureMessages } from '../mcap/mcap-fixture.js';
import { fingerprint, readAll } from '../read-all.js';
import { scratchFolder } from '../scratch-folder.js';
import { sqliteFile } from './sqlite-fixture.js';
import { walFile } from './wal-file.js';

const mixed = [...fixtureMessages(300, 40), ...fixtureMessages(330, 9000).slice(300)];
const expected = mixed.map(fingerprint);

for (const pageSize of [512, 4096, 65536]) {
  test(`reads small and large rows of a database with pages of ${pageSize} bytes, in time order`, async (t) => {
    const path = join(await scratchFolder(t), 'a.db3');
    sqliteFile(path, [...mixed].reverse(), { pageSize });
    const bag = await readAll(path);
    t.deepEqual(bag.messages.map(fingerprint), expected);
    t.deepEqual(bag.problems, []);
    t.is(bag.messageCount, 330);
    t.is(bag.startNs, mixed[0]?.logTimeNs);
    t.is(bag.endNs, mixed.at(-1)?.logTimeNs);
    const { definition, ...imu } = bag.topics.find(({ topic }) => topic === '/imu') ?? {};
    t.deepEqual(imu, {
      topic: '/imu',
      type: 'std_msgs/msg/UInt8MultiArray',
      serialization: 'cdr',
      messageCount: 110,
      qos: '- history: 1',
    } as never);
    t.is(definition?.length, 21_013);
  });
}

test('reads a database of an older schema, one topic of it', async (t) => {
  const path = join(await scratchFolder(t), 'a.db3');
  sqliteFile(path, mixed, { definitions: false });
  const bag = await readAll(path, { topics: ['/camera'] });
  t.is(bag.messages.length, 110);
  t.is(bag.topics[0]?.definition, undefined);
});

test('leaves nothing beside a read-only database, and reads it', async (t) => {
  const folder = await scratchFolder(t);
  const path = join(folder, 'a.db3');
  sqliteFile(path, mixed);
  await chmod(path, 0o444);
  await chmod(folder, 0o555);
  const bag = await openBag(path);
  for await (const _ of bag.messages()) {
    t.deepEqual(await readdir(folder), ['a.db3']);
    break;
  }
  await bag.close();
  await chmod(folder, 0o755);
});

test('reads a database that was left in WAL mode', async (t) => {
  const path = join(await scratchFolder(t), 'a.db3');
  sqliteFile(path, mixed);
  const bytes = readFileSync(path);
  bytes[18] = bytes[19] = 2;
  writeFileSync(path, bytes);
  t.deepEqual((await readAll(path)).messages.map(fingerprint), expected);
});

test('what is committed in the write-ahead log counts, what is not does not', async (t) => {
  const folder = await scratchFolder(t);
  const path = join(folder, 'a.db3');
  const [before, after] = [join(folder, 'before'), join(folder, 'after')];
  sqliteFile(before, mixed.slice(0, 100));
  sqliteFile(after, mixed);
  await writeFile(path, readFileSync(before));
  const pages = splitPages(readFileSync(after), 4096);
  const wal = walFile(
    pages.map((page, index) => ({ number: index + 1, page })),
    4096,
    pages.length,
  );
  await writeFile(`${path}-wal`, wal);
  t.deepEqual((await readAll(path)).messages.map(fingerprint), expected);

  await writeFile(`${path}-wal`, wal.subarray(0, wal.length - 4096)); // the commit is in the last frame
  t.deepEqual((await readAll(path)).messages.map(fingerprint), expected.slice(0, 100));
});

test('a database cut off anywhere gives messages in order and says what is lost, and never hangs', async (t) => {
  const path = join(await scratchFolder(t), 'a.db3');
  sqliteFile(path, mixed, { pageSize: 1024 });
  const whole = readFileSync(path);
  const order = new Map(expected.map((print, index) => [print, index]));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 40 * 1024, max: whole.length - 1 }), async (length) => {
      await writeFile(path, whole.subarray(0, length));
      const bag = await readAll(path);
      const positions = bag.messages.map((message) => order.get(fingerprint(message)) ?? Number.NaN);
      t.deepEqual(
        positions,
        [...positions].sort((a, b) => a - b),
      );
      t.true(bag.messages.length > 0);
      t.true(bag.problems.length > 0);
    }),
    { numRuns: 100 },
  );
});

test('a database with overwritten pages gives what lies on the others', async (t) => {
  const path = join(await scratchFolder(t), 'a.db3');
  sqliteFile(path, fixtureMessages(400, 100), { pageSize: 1024 });
  const whole = readFileSync(path);
  const pageCount = whole.length / 1024;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 14, max: pageCount - 1 }),
      fc.integer({ min: 0, max: 255 }),
      async (page, byte) => {
        const damaged = Buffer.from(whole);
        damaged.fill(byte, page * 1024, (page + 1) * 1024);
        await writeFile(path, damaged);
        const bag = await readAll(path);
        t.true(bag.messages.length >= 390, `page ${page}: ${bag.messages.length} messages`);
      },
    ),
    { numRuns: 60 },
  );
});

test('a database with changed bytes never hangs, and throws nothing but a MessageError when opened', async (t) => {
  const path = join(await scratchFolder(t), 'a.db3');
  sqliteFile(path, fixtureMessages(200, 300), { pageSize: 512 });
  const whole = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 30 }),
      async (changes) => {
        const damaged = Buffer.from(whole);
        for (const [at, byte] of changes) damaged[at] = byte;
        await writeFile(path, damaged);
        try {
          t.true((await readAll(path)).messages.length <= 200);
        } catch (error) {
          t.true(error instanceof MessageError, String(error));
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('a file that is no rosbag2 database is refused by name', async (t) => {
  const folder = await scratchFolder(t);
  const path = join(folder, 'a.db3');
  await writeFile(
    path,
    'this is a text, and it is longer than one hundred bytes, which is the length of the header. '.repeat(2),
  );
  await t.throwsAsync(openBag(path), { instanceOf: MessageError, message: /a\.db3` is no SQLite file/ });
  const { default: sqlite } = await import('node-sqlite3-wasm');
  const other = join(folder, 'other.db3');
  const database = new sqlite.Database(other);
  database.exec('CREATE TABLE employees(id INTEGER PRIMARY KEY)');
  database.close();
  await t.throwsAsync(openBag(other), {
    instanceOf: MessageError,
    message: /tables `topics` and `messages`, found `employees`/,
  });
});

function splitPages(bytes: Buffer, pageSize: number): Buffer[] {
  return Array.from({ length: bytes.length / pageSize }, (_, index) =>
    bytes.subarray(index * pageSize, (index + 1) * pageSize),
  );
}
