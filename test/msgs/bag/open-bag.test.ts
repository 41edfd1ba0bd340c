import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { loadZstd } from '../../../msgs/bag/compression/zstd.js';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { MessageError } from '../../../msgs/errors.js';
import { fixtureMessages, mcapFile } from './mcap/mcap-fixture.js';
import { fingerprint, readAll } from './read-all.js';
import { scratchFolder } from './scratch-folder.js';
import { sqliteFile } from './sqlite/sqlite-fixture.js';

const messages = fixtureMessages(60);
const expected = messages.map(fingerprint);

function metadata(files: readonly string[], more = ''): string {
  const list = files.map((file) => `    - ${file}`).join('\n');
  return `rosbag2_bagfile_information:\n  version: 3\n  storage_identifier: mcap\n${more}  relative_file_paths:\n${list}\n`;
}

test('a split bag is read as one, by its metadata or by the names, also where parts overlap in time', async (t) => {
  const folder = await scratchFolder(t);
  // Part 10 overlaps part 9; by plain order of names 10 would come before 9.
  const parts = {
    'run_9.mcap': messages.filter((_, i) => i < 30 || i === 40),
    'run_10.mcap': messages.filter((_, i) => i >= 30 && i !== 40),
  };
  for (const [name, part] of Object.entries(parts)) await writeFile(join(folder, name), await mcapFile(part));
  await writeFile(join(folder, 'notes.txt'), 'not a bag');
  const byName = await readAll(folder);
  t.deepEqual(byName.messages.map(fingerprint), expected);
  t.is(byName.messageCount, 60);
  t.is(byName.topics.length, 3);
  t.is(byName.topics.find(({ topic }) => topic === '/imu')?.messageCount, 20);

  await writeFile(join(folder, 'metadata.yaml'), metadata(['run/run_9.mcap', 'run/run_10.mcap']));
  t.deepEqual((await readAll(folder)).messages.map(fingerprint), expected);

  await writeFile(join(folder, 'metadata.yaml'), metadata(['run_9.mcap', 'run_10.mcap', 'run_11.mcap']));
  const incomplete = await readAll(folder);
  t.deepEqual(incomplete.messages.map(fingerprint), expected);
  t.regex(incomplete.problems[0]?.what ?? '', /missing/);
  t.true(incomplete.problems[0]?.file.endsWith('run_11.mcap'));
});

test('one unreadable part is reported, the others are read', async (t) => {
  const folder = await scratchFolder(t);
  await writeFile(join(folder, 'run_0.mcap'), await mcapFile(messages));
  await writeFile(join(folder, 'run_1.mcap'), '');
  const bag = await readAll(folder);
  t.is(bag.messages.length, 60);
  t.regex(bag.problems[0]?.what ?? '', /run_1\.mcap` is empty/);
});

test('unreadable metadata.yaml is reported, the bag is read without it', async (t) => {
  const folder = await scratchFolder(t);
  await writeFile(join(folder, 'run_0.mcap'), await mcapFile(messages));
  for (const text of ['{{{', '', 'something: else', 'rosbag2_bagfile_information: 7']) {
    await writeFile(join(folder, 'metadata.yaml'), text);
    const bag = await readAll(folder);
    t.is(bag.messages.length, 60, text);
    t.is(bag.problems.length, 1, text);
  }
});

test.serial('files compressed as a whole are decompressed, and no temporary file is left', async (t) => {
  const folder = await scratchFolder(t);
  const temporary = process.env.TMPDIR;
  process.env.TMPDIR = join(folder, 'tmp');
  t.teardown(() => {
    if (temporary === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = temporary;
  });
  const zstd = await loadZstd();
  await mkdir(join(folder, 'tmp'));
  await mkdir(join(folder, 'mcap'));
  await mkdir(join(folder, 'db3'));
  await writeFile(join(folder, 'mcap', 'a_0.mcap.zstd'), zstd.compress(await mcapFile(messages), 3));
  sqliteFile(join(folder, 'a.db3'), messages);
  await writeFile(
    join(folder, 'db3', 'a_0.db3.zstd'),
    zstd.compress(await readFile(join(folder, 'a.db3')), 1),
  );
  await writeFile(
    join(folder, 'db3', 'metadata.yaml'),
    metadata(['a_0.db3.zstd'], '  compression_mode: FILE\n  compression_format: zstd\n'),
  );
  for (const name of ['mcap', 'db3'])
    t.deepEqual((await readAll(join(folder, name))).messages.map(fingerprint), expected);

  const whole = zstd.compress(await mcapFile(fixtureMessages(120, 9000)), 3); // several blocks
  await writeFile(join(folder, 'mcap', 'a_0.mcap.zstd'), whole.subarray(0, whole.length - 20));
  const cut = await readAll(join(folder, 'mcap'));
  t.true(cut.messages.length > 50 && cut.messages.length < 120, `${cut.messages.length} messages`);
  t.true(cut.problems.length > 0);
  t.true(cut.problems.every(({ file }) => file.endsWith('a_0.mcap.zstd')));
  await writeFile(join(folder, 'text.mcap.zstd'), 'not zstd at all, but some text');
  await t.throwsAsync(openBag(join(folder, 'text.mcap.zstd')), {
    instanceOf: MessageError,
    message: /text\.mcap\.zstd/,
  });
  t.deepEqual(await readdir(join(folder, 'tmp')), []);
});

test('messages compressed one by one are decompressed, a damaged one is skipped', async (t) => {
  const folder = await scratchFolder(t);
  const zstd = await loadZstd();
  const compressed = messages.map((message) => ({
    ...message,
    data: new Uint8Array(zstd.compress(message.data, 3)),
  }));
  compressed[7]?.data.fill(1, 4, 8);
  await writeFile(join(folder, 'a_0.mcap'), await mcapFile(compressed));
  await writeFile(
    join(folder, 'metadata.yaml'),
    metadata(['a_0.mcap'], '  compression_mode: MESSAGE\n  compression_format: zstd\n'),
  );
  const bag = await readAll(folder);
  t.deepEqual(
    bag.messages.map(fingerprint),
    expected.filter((_, index) => index !== 7),
  );
  t.is(bag.problems.length, 1);
  t.regex(bag.problems[0]?.what ?? '', /`\/camera_info` at \d+ ns does not decompress/);
});

test('what is no bag is refused, with what was expected and what was found', async (t) => {
  const folder = await scratchFolder(t);
  const refused = async (path: string, message: RegExp): Promise<void> => {
    await t.throwsAsync(openBag(path), { instanceOf: MessageError, message });
  };
  await refused(join(folder, 'absent'), /absent`: no such file or folder; expected a `\.mcap`/);
  await refused(folder, /no bag in the folder .* found nothing$/);
  await mkdir(join(folder, 'drives', 'monday'), { recursive: true });
  await writeFile(join(folder, 'drives', 'monday', 'a.mcap'), 'x');
  await refused(join(folder, 'drives'), /found `monday`; `.*monday` is a bag$/);
  await rm(join(folder, 'drives'), { recursive: true });
  await writeFile(join(folder, 'photo.jpg'), 'x');
  await refused(folder, /found `photo\.jpg`$/);
  await refused(join(folder, 'photo.jpg'), /photo\.jpg` is no bag/);
  await writeFile(join(folder, 'drive.MP4'), 'x');
  await refused(
    join(folder, 'drive.MP4'),
    /drive\.MP4` is a video file, .* from the topics of a bag: expected a `\.mcap`/,
  );
  await writeFile(join(folder, 'empty.mcap'), '');
  await refused(join(folder, 'empty.mcap'), /is empty \(0 bytes\)/);
  await writeFile(join(folder, 'text.mcap'), 'hello world');
  await refused(join(folder, 'text.mcap'), /is no MCAP file: expected it to start with `894d434150300d0a`/);
  await copyFile(join(folder, 'text.mcap'), join(folder, 'three.mcap'));
  await writeFile(join(folder, 'three.mcap'), Buffer.of(0x89, 0x4d, 0x43));
  await refused(join(folder, 'three.mcap'), /is no MCAP file/);
  await mkdir(join(folder, 'moved'));
  await writeFile(join(folder, 'moved', 'metadata.yaml'), metadata(['run_0.mcap']));
  await refused(join(folder, 'moved'), /moved\/run_0\.mcap: listed in `metadata\.yaml`, but missing/);
});

test('a file that ends with its header is a bag without messages', async (t) => {
  const path = join(await scratchFolder(t), 'a.mcap');
  await writeFile(path, (await mcapFile(messages)).subarray(0, 8));
  const bag = await readAll(path);
  t.deepEqual(bag.messages, []);
  t.true(bag.problems.length > 0);
});
