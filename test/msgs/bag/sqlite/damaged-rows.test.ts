import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { fixtureMessages } from '../mcap/mcap-fixture.js';
import { fingerprint, readAll } from '../read-all.js';
import { scratchFolder } from '../scratch-folder.js';
import { sqliteFile } from './sqlite-fixture.js';
import { walFile } from './wal-file.js';

const PAGE = 4096;
const messages = [...fixtureMessages(60, 100), ...fixtureMessages(70, 20_000).slice(60)];
const expected = messages.map(fingerprint);

async function database(t: Parameters<typeof scratchFolder>[0]): Promise<{ path: string; bytes: Buffer }> {
  const path = join(await scratchFolder(t), 'a.db3');
  sqliteFile(path, messages);
  return { path, bytes: readFileSync(path) };
}

const whats = ({
  problems,
}: {
  readonly problems: readonly { readonly what: string; readonly lost: string }[];
}) => problems.map(({ what, lost }) => `${what}; lost: ${lost}`).join('\n');

/** Leaf pages of the table of messages: those with most rows that are no first page. */
function leaves(bytes: Buffer): number[] {
  const found: number[] = [];
  for (let at = PAGE; at < bytes.length; at += PAGE)
    if (bytes[at] === 0x0d && bytes.readUInt16BE(at + 3) >= 10) found.push(at);
  return found;
}

test('a row that is no message any more is counted', async (t) => {
  const { path, bytes } = await database(t);
  const leaf = leaves(bytes)[0] ?? 0;
  const cell = leaf + bytes.readUInt16BE(leaf + 8);
  // Behind payload length and row id: the record's header, whose last column becomes NULL.
  const header = bytes[cell + 1] === undefined || (bytes[cell] ?? 0) < 0x80 ? cell + 2 : cell + 3;
  bytes.writeUInt8(0, header + 4);
  bytes.writeUInt8(0, header + 5);
  writeFileSync(path, bytes);
  const bag = await readAll(path);
  t.is(bag.messages.length, messages.length - 1);
  t.regex(whats(bag), /no messages of a topic that the file lists; lost: 1 message/);
  t.regex(whats(bag), /index of timestamps lists 70 messages, the table has 69/);
});

test('a row whose page forgets it is told by the index of timestamps', async (t) => {
  const { path, bytes } = await database(t);
  const leaf = leaves(bytes)[0] ?? 0;
  bytes.writeUInt16BE(bytes.readUInt16BE(leaf + 3) - 1, leaf + 3);
  writeFileSync(path, bytes);
  const bag = await readAll(path);
  t.is(bag.messages.length, messages.length - 1);
  t.regex(whats(bag), /lists 70 messages, the table has 69, not the same ones; lost: 1 message at least/);
});

test('a row that its page lists twice is read once', async (t) => {
  const { path, bytes } = await database(t);
  const leaf = leaves(bytes)[0] ?? 0;
  bytes.writeUInt16BE(bytes.readUInt16BE(leaf + 8), leaf + 10);
  writeFileSync(path, bytes);
  const bag = await readAll(path);
  t.is(bag.messages.length, messages.length - 1);
  t.true(bag.problems.length > 0);
});

test('a row that claims terabytes is lost, and counted', async (t) => {
  const { path, bytes } = await database(t);
  const leaf = leaves(bytes)[0] ?? 0;
  // The whole leaf becomes one row of 2^43 bytes: payload length, row id, and a record (NULL, 1, time, blob).
  const page = Buffer.alloc(PAGE);
  const size = 2 ** 43;
  const header = Buffer.concat([Buffer.of(11, 0, 1, 6), varint(2 * size + 12)]);
  header.writeUInt8(header.length, 0);
  const cell = Buffer.concat([
    varint(size + header.length + 9),
    varint(1),
    header,
    Buffer.of(1),
    Buffer.alloc(8, 1),
  ]);
  page.writeUInt8(0x0d, 0);
  page.writeUInt16BE(1, 3);
  page.writeUInt16BE(1000, 8);
  cell.copy(page, 1000);
  page.copy(bytes, leaf);
  writeFileSync(path, bytes);
  const bag = await readAll(path);
  t.true(bag.messages.length > 0);
  t.regex(whats(bag), /parts of messages are missing or damaged; lost: 1 of \d+ messages/);
});

test('an overflow chain that runs in circles is a lost message, and not a hang', async (t) => {
  const { path, bytes } = await database(t);
  // The second page of every chain that goes on points to itself.
  let circles = 0;
  for (let at = 2 * PAGE; at < bytes.length; at += PAGE) {
    if (bytes.readUInt32BE(at) !== at / PAGE + 2) continue;
    bytes.writeUInt32BE(at / PAGE + 1, at);
    circles += 1;
  }
  t.true(circles > 0);
  writeFileSync(path, bytes);
  const bag = await readAll(path);
  const lost = messages.length - bag.messages.length;
  t.true(lost > 0);
  t.true(bag.messages.every((message) => expected.includes(fingerprint(message))));
  t.regex(whats(bag), new RegExp(`lost: ${lost} of 70 messages`));
});

test('a write-ahead log that claims billions of pages does not make the reader look for them', async (t) => {
  const { path, bytes } = await database(t);
  const root = leaves(bytes)[0] ?? 0;
  // A page of the table is replaced by nonsense, so that every page has to be looked at.
  const page = Buffer.alloc(PAGE, 0x05);
  writeFileSync(`${path}-wal`, walFile([{ number: root / PAGE + 1, page }], PAGE, 0xffffffff));
  const bag = await readAll(path);
  t.true(bag.messages.length > 0);
  t.regex(whats(bag), /of 4294967295 pages are there/);
});

function varint(value: number): Buffer {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift((rest % 128) | 0x80);
  return Buffer.from(bytes);
}
