import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { isAlive, ownIdentity } from '../../../msgs/files/process-identity.js';
import { ProcessLock } from '../../../msgs/files/process-lock.js';

const test = anyTest as TestFn<{ folder: string; file: string }>;

test.beforeEach(async (t) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-lock-'));
  t.context = { folder, file: path.join(folder, 'lock') };
});

test.afterEach.always((t) => rm(t.context.folder, { recursive: true }));

const OPTIONS = { waitMs: 0, what: 'the test' };

test('a second holder is refused with the first one named, until it lets go', async (t) => {
  const { file, folder } = t.context;
  const lock = await ProcessLock.acquire(file, OPTIONS);
  await t.throwsAsync(ProcessLock.acquire(file, OPTIONS), {
    name: 'LockedError',
    message: new RegExp(`the test: process ${process.pid}`),
  });
  await lock.release();
  await (await ProcessLock.acquire(file, OPTIONS)).release();
  t.deepEqual(await readdir(folder), []);
});

test('whoever waits gets the lock when it is let go', async (t) => {
  const { file } = t.context;
  const lock = await ProcessLock.acquire(file, OPTIONS);
  const waiting = ProcessLock.acquire(file, { ...OPTIONS, waitMs: 5000 });
  await new Promise((resolve) => setTimeout(resolve, 60));
  await lock.release();
  await (await waiting).release();
  t.pass();
});

test('the lock of a killed process is taken away, and so is one that is no lock at all', async (t) => {
  const { file, folder } = t.context;
  const child = spawn('sleep', ['60']);
  const identity = { ...ownIdentity(), pid: child.pid ?? 0, started: '' };
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.false(isAlive(identity));
  await writeFile(file, JSON.stringify(identity));
  await (await ProcessLock.acquire(file, OPTIONS)).release();
  await writeFile(file, '');
  await (await ProcessLock.acquire(file, OPTIONS)).release();
  t.deepEqual(await readdir(folder), []);
});

test('a process number that was given out again does not keep a lock alive', (t) => {
  const own = ownIdentity();
  t.true(isAlive(own));
  t.false(isAlive({ ...own, started: '1' }));
  t.false(isAlive({ ...own, boot: 'of yesterday' }));
});

test('a lock of another machine counts as long as it gives signs of life', async (t) => {
  const { file } = t.context;
  await writeFile(file, JSON.stringify({ pid: 1, host: 'elsewhere', boot: '', started: '' }));
  await t.throwsAsync(ProcessLock.acquire(file, OPTIONS), { message: /process 1 on elsewhere/ });
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(file, longAgo, longAgo);
  await (await ProcessLock.acquire(file, OPTIONS)).release();
  t.pass();
});

test('a lock of another container of this machine counts alike, since its process number says nothing here', async (t) => {
  const { file } = t.context;
  const elsewhere = { ...ownIdentity(), pid: 4_000_000, namespace: 'pid:[1]' };
  t.is(isAlive(elsewhere), undefined);
  await writeFile(file, JSON.stringify(elsewhere));
  await t.throwsAsync(ProcessLock.acquire(file, OPTIONS), { message: /process 4000000/ });
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(file, longAgo, longAgo);
  await (await ProcessLock.acquire(file, OPTIONS)).release();
  const { namespace: _, ...before } = ownIdentity();
  t.true(isAlive(before), 'a lock of an earlier version counts as it did');
});

test('whoever lets go leaves a lock alone that somebody else has taken since', async (t) => {
  const { file } = t.context;
  const lost = await ProcessLock.acquire(file, OPTIONS);
  const theirs = JSON.stringify({ ...ownIdentity(), token: 'of somebody else' });
  await writeFile(file, theirs); // as after a long silence on a shared disk
  await lost.release();
  t.is(await readFile(file, 'utf8'), theirs);
});

test('many at once: never two holders', async (t) => {
  const { file } = t.context;
  let holders = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const lock = await ProcessLock.acquire(file, { ...OPTIONS, waitMs: 20_000 });
      most = Math.max(most, ++holders);
      await new Promise((resolve) => setTimeout(resolve, 5));
      holders--;
      await lock.release();
    }),
  );
  t.is(most, 1);
});
