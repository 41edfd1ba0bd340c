import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { appendFile, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { ADAPTATION_STATE } from '../../../msgs/adaptation-status.js';
import { identityOf, isAlive } from '../../../msgs/files/process-identity.js';
import { ProcessLock } from '../../../msgs/files/process-lock.js';
import { AdaptationRuns } from '../../../nodes/adaptation-node/adaptation-runs.js';
import { DriveJournal } from '../../../nodes/adaptation-node/drive-journal.js';
import { DriveWatch } from '../../../nodes/adaptation-node/drive-watch.js';
import { findDrives } from '../../../nodes/adaptation-node/find-drives.js';
import { eventually } from '../fake-ros.js';

const test = anyTest as TestFn<{ drives: string; home: string }>;

test.beforeEach(async (t) => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-watch-'));
  t.context = { drives: path.join(root, 'drives'), home: path.join(root, 'home') };
  await mkdir(t.context.drives);
});

test.afterEach.always((t) => rm(path.dirname(t.context.drives), { recursive: true }));

/** A recording that was complete an hour ago, or so many seconds later. */
async function drive(folder: string, name: string, laterSeconds = 0): Promise<string> {
  const bag = path.join(folder, name);
  await mkdir(bag);
  const file = path.join(bag, `${name}_0.mcap`);
  await writeFile(file, name);
  const when = Date.now() / 1000 - 3600 + laterSeconds;
  await utimes(file, when, when);
  return bag;
}

/** Runs in place of `rxdepth adapt`: `code` sees the drive as process.argv[1]. */
const runsOf = (code: string, started: string[] = []): AdaptationRuns =>
  new AdaptationRuns({
    start: (bags): ChildProcess => {
      started.push(path.basename(bags[0] ?? ''));
      return spawn(process.execPath, ['-e', code, ...bags], { stdio: ['ignore', 'pipe', 'pipe'] });
    },
    store: { current: async () => ({ name: 'm', version: 1 }) },
  });

function watchOf(
  context: { drives: string; home: string },
  runs: AdaptationRuns,
  said: string[] = [],
): DriveWatch {
  const { drives: folder, home } = context;
  const times = { settleSeconds: 5, periodSeconds: 0.02 };
  return new DriveWatch({ folder, home, runs, ...times, say: (text) => said.push(text) });
}

test('recordings are folders with bag files and such files alone, oldest first; dots are in the making', async (t) => {
  const { drives } = t.context;
  await drive(drives, 'second', 20);
  await drive(drives, 'first', 10);
  await drive(drives, '.recording');
  await mkdir(path.join(drives, 'pictures'));
  await writeFile(path.join(drives, 'third.db3'), 'abc');
  await writeFile(path.join(drives, 'notes.txt'), 'abc');
  const found = await findDrives(drives);
  t.deepEqual(
    found.map(({ path: name, bytes }) => [path.basename(name), bytes]),
    [
      ['first', 5],
      ['second', 6],
      ['third.db3', 3],
    ],
  );
  await t.throwsAsync(findDrives(path.join(drives, 'nowhere')), { message: /a folder of recorded drives/ });
});

test('every drive is adapted to once, oldest first; what still grows waits, what grew is new', async (t) => {
  const { drives, home } = t.context;
  await drive(drives, 'b', 20);
  await drive(drives, 'a', 10);
  const growing = await drive(drives, 'c', 3600);
  const started: string[] = [];
  const watch = watchOf(t.context, runsOf('console.log("rejected: no gain"); process.exit(3)', started));
  watch.begin();
  await eventually(() => started.length === 2);
  const old = new Date(Date.now() - 60_000);
  await utimes(path.join(growing, 'c_0.mcap'), old, old);
  await eventually(() => started.length === 3);
  await watch.pause();
  t.deepEqual(started, ['a', 'b', 'c']);
  const journal = await new DriveJournal(home).read();
  t.like(journal.drives[path.join(drives, 'a')], {
    state: ADAPTATION_STATE.REJECTED,
    attempts: 1,
    message: 'rejected: no gain',
  });

  await appendFile(path.join(drives, 'b', 'b_0.mcap'), 'more');
  await utimes(path.join(drives, 'b', 'b_0.mcap'), old, old);
  const again = watchOf(t.context, runsOf('process.exit(3)', started));
  again.begin();
  await eventually(() => started.length === 4);
  await again.pause();
  t.is(started[3], 'b', 'another watch knows what was done, and that b is another drive now');
});

test('a drive that fails is tried twice', async (t) => {
  await drive(t.context.drives, 'broken');
  await drive(t.context.drives, 'next', 10);
  const started: string[] = [];
  const watch = watchOf(t.context, runsOf('process.exit(1)', started));
  watch.begin();
  await eventually(() => started.length === 4);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await watch.pause();
  t.deepEqual(started, ['broken', 'broken', 'next', 'next']);
});

test('looks that wait while a run ends do not take its drive once more', async (t) => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const [i, name] of names.entries()) await drive(t.context.drives, name, i);
  const started: string[] = [];
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  const runs = new AdaptationRuns({
    start: (bags) => {
      started.push(path.basename(bags[0] ?? ''));
      // Ends before its start is written down, as a run does on a loaded machine.
      const child = Object.assign(new EventEmitter(), { pid: gone, stdout: null, stderr: null });
      setImmediate(() => child.emit('close', 1, null));
      return child as unknown as ChildProcess; // only its end matters here
    },
  });
  const { drives: folder, home } = t.context;
  const watch = new DriveWatch({ folder, home, runs, settleSeconds: 5, periodSeconds: 0.001, say: () => {} });
  watch.begin();
  await eventually(() => started.length >= 10);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await watch.pause();
  t.deepEqual(
    started,
    names.flatMap((name) => [name, name]),
  );
});

test('a pause ends the run, which is begun again afterwards without counting as a failure', async (t) => {
  await drive(t.context.drives, 'a');
  const started: string[] = [];
  const watch = watchOf(t.context, runsOf('setTimeout(() => {}, 60000)', started));
  for (let round = 1; round <= 3; round++) {
    watch.begin();
    await eventually(() => started.length === round);
    await watch.pause();
  }
  t.deepEqual(started, ['a', 'a', 'a']);
});

test('after kill -9 of the watching process its run is ended and the drive begun again', async (t) => {
  const { drives, home } = t.context;
  const bag = await drive(drives, 'a');
  // What a killed watch leaves: a drive that was begun, and a run that nobody looks after.
  const orphan = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' });
  const identity = identityOf(orphan.pid ?? 0);
  await new DriveJournal(home).write({
    drives: { [bag]: { bytes: 1, attempts: 1, message: '' } },
    running: identity,
  });
  const [said, started]: [string[], string[]] = [[], []];
  const watch = watchOf(t.context, runsOf('process.exit(3)', started), said);
  watch.begin();
  await eventually(() => started.length === 1);
  t.is(isAlive(identity), false);
  t.regex(said[0] ?? '', /ending the run of an earlier process/);
  await watch.pause();
});

test('while somebody else adapts on this machine, nothing is begun', async (t) => {
  const { drives, home } = t.context;
  await drive(drives, 'a');
  await mkdir(home);
  const lock = await ProcessLock.acquire(path.join(home, '.adapting'), { waitMs: 0, what: 'test' });
  const started: string[] = [];
  const watch = watchOf(t.context, runsOf('process.exit(3)', started));
  watch.begin();
  await new Promise((resolve) => setTimeout(resolve, 150));
  t.deepEqual(started, []);
  await lock.release();
  await eventually(() => started.length === 1);
  await watch.pause();
  t.deepEqual(started, ['a']);
});
