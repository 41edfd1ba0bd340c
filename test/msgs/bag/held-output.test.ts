import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { BagWriter } from '../../../msgs/bag/bag-writer.js';
import { readAll } from './read-all.js';
import { scratchFolder } from './scratch-folder.js';

const TOPIC = { topic: '/a', type: 'std_msgs/msg/String', definition: 'string data' };
const MESSAGE = Uint8Array.of(0, 1, 0, 0, 1, 0, 0, 0, 0);

async function record(folder: string, count: number, overwrite = false): Promise<void> {
  const writer = await BagWriter.create(folder, { overwrite });
  const channel = await writer.addTopic(TOPIC);
  for (let i = 0; i < count; i++) await writer.write(channel, MESSAGE, BigInt(i));
  await writer.close();
}

test('two writers never share a folder, with overwrite neither, and the first loses nothing', async (t) => {
  const folder = join(await scratchFolder(t), 'drive');
  const first = await BagWriter.create(folder);
  const channel = await first.addTopic(TOPIC);
  for (const overwrite of [false, true]) {
    await t.throwsAsync(BagWriter.create(folder, { overwrite }), {
      name: 'LockedError',
      message: new RegExp(`the bag .*drive.*process ${process.pid} .*is at work there`),
    });
    await first.write(channel, MESSAGE, 1n);
  }
  await first.close();
  t.is((await readAll(folder)).messages.length, 2);
  t.deepEqual(readdirSync(folder).sort(), ['drive_0.mcap', 'metadata.yaml'], 'the lock is gone');
  await record(folder, 3, true);
  t.is((await readAll(folder)).messages.length, 3);
});

test('many that begin at once: one of them writes', async (t) => {
  const folder = join(await scratchFolder(t), 'drive');
  await record(folder, 1);
  const begun = await Promise.allSettled(
    Array.from({ length: 6 }, () => BagWriter.create(folder, { overwrite: true })),
  );
  const writers = begun.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  t.is(writers.length, 1);
  await writers[0]?.close();
  t.deepEqual(readdirSync(folder).sort(), ['drive_0.mcap', 'metadata.yaml']);
});

test('the folder of a writer that was killed is taken over when that is asked for', async (t) => {
  const folder = join(await scratchFolder(t), 'drive');
  const module = new URL('../../../msgs/bag/bag-writer.js', import.meta.url).href;
  const script = `const { BagWriter } = await import(${JSON.stringify(module)});
    await BagWriter.create(${JSON.stringify(folder)}); console.log('writing'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await t.throwsAsync(BagWriter.create(folder, { overwrite: true }), {
    message: new RegExp(`process ${child.pid} `),
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  await t.throwsAsync(BagWriter.create(folder), { message: /not empty/ });
  await record(folder, 4, true);
  t.is((await readAll(folder)).messages.length, 4);
  t.deepEqual(readdirSync(folder).sort(), ['drive_0.mcap', 'metadata.yaml']);
});

/** Writes until that fails, a message every 50 ms for at most 20 s. */
async function failureOf(writer: BagWriter, channel: number): Promise<Error | undefined> {
  for (let i = 0; i < 400; i++) {
    try {
      await writer.write(channel, MESSAGE, BigInt(i));
    } catch (error) {
      return error as Error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return undefined;
}

test('a folder that is removed while it is written is noticed at once, and nothing is claimed of it', async (t) => {
  const folder = join(await scratchFolder(t), 'drive');
  const writer = await BagWriter.create(folder);
  const channel = await writer.addTopic(TOPIC);
  await writer.write(channel, MESSAGE, 1n);
  rmSync(folder, { recursive: true });
  const expected = {
    name: 'FileGoneError',
    message: /is not there any more: .*all that was written is lost/,
  };
  const error = await failureOf(writer, channel);
  t.is(error?.name, expected.name);
  t.notRegex(error?.message ?? '', /kept|complete/);
  await t.throwsAsync(writer.close(), expected);
  t.false(existsSync(folder));
});

test('a folder that is replaced by another bag gets no metadata of this one', async (t) => {
  const folder = join(await scratchFolder(t), 'drive');
  const writer = await BagWriter.create(folder);
  const channel = await writer.addTopic(TOPIC);
  await writer.write(channel, MESSAGE, 1n);
  renameSync(folder, `${folder}-moved`);
  await record(folder, 5);
  await t.throwsAsync(writer.close(), { name: 'FileGoneError' });
  t.is((await readAll(folder)).messages.length, 5);
  t.is((await readAll(join(`${folder}-moved`, 'drive_0.mcap'))).messages.length, 1);
});

test("only bags that this project wrote are overwritten: a user's recordings stay", async (t) => {
  const scratch = await scratchFolder(t);
  const own = join(scratch, 'own');
  await record(own, 1);
  const recorded = readFileSync(join(own, 'own_0.mcap'));
  const foreign = Buffer.from(recorded);
  foreign.write('rosbag2', foreign.indexOf('rxdepth'));
  const cases: [name: string, content: Uint8Array][] = [
    ['drive_0.mcap', foreign],
    ['drive_0.db3', Buffer.from('SQLite format 3\0')],
    ['drive_0.mcap.zstd', recorded],
    ['notes.txt', Buffer.from('mine')],
    ['short.mcap', recorded.subarray(0, 12)],
  ];
  for (const [i, [name, content]] of cases.entries()) {
    const folder = join(scratch, `foreign-${i}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'metadata.yaml'), 'mine');
    writeFileSync(join(folder, name), content);
    await t.throwsAsync(BagWriter.create(folder, { overwrite: true }), {
      name: 'MessageError',
      message: /is not overwritten/,
    });
    t.deepEqual(readdirSync(folder).sort(), [name, 'metadata.yaml'].sort());
    t.deepEqual(readFileSync(join(folder, name)), Buffer.from(content));
  }
  const linked = join(scratch, 'linked');
  mkdirSync(linked);
  symlinkSync(join(own, 'own_0.mcap'), join(linked, 'linked_0.mcap'));
  await t.throwsAsync(BagWriter.create(linked, { overwrite: true }), { message: /is no regular file/ });
});
