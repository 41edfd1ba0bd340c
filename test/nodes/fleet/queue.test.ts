import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { FleetJob } from '../../../nodes/fleet/fleet-job.js';
import { fleetJob } from '../../../nodes/fleet/fleet-job.js';
import { Ledger } from '../../../nodes/fleet/ledger.js';
import { queueExecutor } from '../../../nodes/fleet/queue/queue-executor.js';
import { queueStatus } from '../../../nodes/fleet/queue/queue-status.js';
import { workOnQueue } from '../../../nodes/fleet/queue/work-on-queue.js';
import { treeDigest } from '../../../nodes/fleet/tree-digest.js';
import { RXDEPTH, runRxdepth } from '../../bin/run-rxdepth.js';
import { CAMERA_INFO, IMAGE, logTime, writeTestBag } from '../test-bag.js';
import { testImage, testInfo } from '../test-messages.js';
import { writeTestModel } from '../test-model.js';
import { RedisServer } from './redis-server.js';

const MINUTE = 60_000;

/** Says that a test is skipped where no Redis can be had; CI sees to it that one can. */
const hasRedis = RedisServer.isThere() || process.env.RXDEPTH_NEED_REDIS !== undefined;
const withRedis = hasRedis ? test.serial : test.serial.skip;
if (!hasRedis) process.stderr.write('SKIPPED: no redis-server, the tests of a fleet on a queue\n');

/** A folder and a Redis for one test. */
async function surroundings(t: ExecutionContext): Promise<{ root: string; redis: RedisServer }> {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-queue-'));
  await mkdir(path.join(root, 'redis'));
  const redis = await RedisServer.start(path.join(root, 'redis'));
  t.teardown(async () => {
    await redis.kill();
    await rm(root, { recursive: true, force: true });
  });
  return { root, redis };
}

async function drive(folder: string, first: number): Promise<void> {
  const stamp = { stampNs: logTime(first) };
  await writeTestBag(folder, [
    { topic: '/camera/image', type: IMAGE, logTimeNs: logTime(first), message: testImage(stamp) },
    { topic: '/camera/camera_info', type: CAMERA_INFO, logTimeNs: logTime(first), message: testInfo(stamp) },
  ]);
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  said(): string;
}

function start(cwd: string, args: readonly string[]): Started {
  const child = spawn(process.execPath, [RXDEPTH, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const hear = (data: Buffer) => {
    said += data;
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { child, ended, said: () => said };
}

async function until(is: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await is())) await new Promise((resolve) => setTimeout(resolve, 100));
}

const linesOf = async (folder: string) =>
  (await readFile(path.join(folder, 'ledger.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; job: string; bag: string; worker?: string });

withRedis(
  'on a queue every job is done once in the ledger, though a worker is killed at work and Redis restarts',
  async (t) => {
    t.timeout(40 * MINUTE);
    const { root, redis } = await surroundings(t);
    await writeTestModel(path.join(root, 'model'));
    for (const [i, name] of ['a', 'b', 'c'].entries()) await drive(path.join(root, name), 10 * i);
    await writeFile(path.join(root, 'broken.mcap'), 'no bag');
    const queue = ['--redis', redis.url, '--queue', 'test'];
    const worker = () => start(root, ['fleet', 'worker', ...queue, '--lock-seconds', '5']);
    const first = worker();
    const command = ['fleet', 'replay', 'a', 'b', 'c', 'broken.mcap', '-o', 'out', '--model', 'model'];
    const asked = start(root, [
      ...[...command, ...queue, '--retries', '1', '--priority', '5'],
      ...['--replay-flags', '--no-motion --device cpu'],
    ]);
    const out = path.join(root, 'out');
    const isAtWork = async () => (await readdir(out)).some((name) => name.startsWith('.partial-'));
    const hasDone = async () => (await linesOf(out).catch(() => [])).some(({ event }) => event === 'done');
    await until(async () => existsSync(out) && ((await isAtWork()) || (await hasDone())));
    first.child.kill('SIGKILL');
    await first.ended;
    const second = worker();
    await until(hasDone);
    await redis.kill();
    await redis.start();
    t.is(await asked.ended, 1, asked.said());
    t.regex(asked.said(), /4 bags in .* s: 3 done, 0 done before, 1 failed, 0 left/);

    const lines = await linesOf(out);
    const done = lines.filter(({ event }) => event === 'done').map(({ bag }) => path.basename(bag));
    t.deepEqual(done.sort(), ['a', 'b', 'c'], 'each once');
    t.true(lines.every(({ event, worker }) => event !== 'done' || worker !== undefined));
    const outputs = (await readdir(out)).filter((name) => /^[abc]-[0-9a-f]{12}$/.test(name));
    t.is(outputs.length, 3);

    const statusNow = () => queueStatus({ redis: redis.url, queue: 'test' });
    const { dead } = await statusNow();
    t.is(dead.length, 1);
    t.regex(dead[0]?.message ?? '', /broken\.mcap/);
    // It may still be on its way back to the Redis that restarted.
    await until(async () => (await statusNow()).workers.length === 1);
    second.child.kill('SIGTERM');
    t.is(await second.ended, 0, second.said());
  },
);

/** Jobs of bags that are not there, for workers that do nothing with them. */
async function simulated(root: string, count: number): Promise<{ jobs: FleetJob[]; folder: string }> {
  const model = await writeTestModel(path.join(root, 'model'));
  const folder = path.join(root, 'out');
  await mkdir(folder);
  const modelDigest = await treeDigest(model);
  const jobs = Array.from({ length: count }, (_, i) =>
    fleetJob(
      { task: 'evaluate', bags: [`/bags/${i}`], model, flags: [] },
      { bags: [`${i}`], model: modelDigest },
    ),
  );
  return { jobs, folder };
}

withRedis(
  'a job is tried again after a failure, one that fails for good is a dead letter until it is done',
  async (t) => {
    t.timeout(20 * MINUTE);
    const { root, redis } = await surroundings(t);
    const { jobs, folder } = await simulated(root, 3);
    const settings = { redis: redis.url, queue: 'tries' };
    const tries = new Map<string, number>();
    let mended = false;
    const stop = new AbortController();
    const worker = workOnQueue({
      ...{ ...settings, concurrency: 2, lockSeconds: 30, signal: stop.signal, report: () => {} },
      run: async ({ bags: [bag = ''] }) => {
        const count = (tries.get(bag) ?? 0) + 1;
        tries.set(bag, count);
        if ((bag === '/bags/0' && !mended) || (bag === '/bags/1' && count === 1))
          throw new Error(`no ${bag}`);
        return { missing: [] };
      },
    });
    const ledger = await Ledger.open(path.join(folder, 'ledger.jsonl'));
    const context = { folder, ledger, retries: 1, signal: new AbortController().signal };
    const execute = queueExecutor({ ...settings, backoffMs: 1 });
    const first = await execute(jobs, context);
    t.deepEqual([...jobs.map(({ id }) => first.get(id)?.state)], ['failed', 'done', 'done']);
    t.is(tries.get('/bags/0'), 2);
    t.is(tries.get('/bags/1'), 2);
    t.is((await queueStatus(settings)).dead[0]?.message, 'no /bags/0');

    mended = true;
    const again = await execute(jobs.slice(0, 1), context);
    t.is(again.get(jobs[0]?.id ?? '')?.state, 'done');
    const status = await queueStatus(settings);
    t.deepEqual(status.dead, []);
    t.is(status.counts.failed, 0);
    stop.abort();
    await worker;
    await ledger.close();
    const lines = await linesOf(folder);
    t.is(lines.filter(({ event }) => event === 'done').length, 3);
    t.is(lines.filter(({ event }) => event === 'failed').length, 1);
  },
);

withRedis(
  'jobs of a lower number go first, a worker is waited for, and what it says of a job is told',
  async (t) => {
    t.timeout(20 * MINUTE);
    const { root, redis } = await surroundings(t);
    const { jobs, folder } = await simulated(root, 4);
    const settings = { redis: redis.url, queue: 'order' };
    const ledger = await Ledger.open(path.join(folder, 'ledger.jsonl'));
    const context = { folder, ledger, retries: 0, signal: new AbortController().signal };
    const reported: string[] = [];
    const report = (line: string) => reported.push(line);
    const waiting = async (count: number) =>
      until(async () => (await queueStatus(settings)).counts.prioritized === count);
    const late = queueExecutor({ ...settings, report, priority: 9 })(jobs.slice(0, 2), context);
    await waiting(2);
    const early = queueExecutor({ ...settings, report, priority: 2 })(jobs.slice(2), context);
    await waiting(4);
    await until(() => reported.some((line) => /no worker is at the queue/.test(line)));

    const order: string[] = [];
    const stop = new AbortController();
    const worker = workOnQueue({
      ...{ ...settings, concurrency: 1, lockSeconds: 30, signal: stop.signal, report: () => {} },
      run: async ({ bags: [bag = ''] }, { onSaid }) => {
        order.push(bag);
        if (order.length === 1) {
          onSaid?.('12 of 60 frames');
          await until(async () => (await queueStatus(settings)).active[0]?.said === '12 of 60 frames');
        }
        return { missing: [] };
      },
    });
    await Promise.all([late, early]);
    t.deepEqual(order, ['/bags/2', '/bags/3', '/bags/0', '/bags/1']);
    stop.abort();
    await worker;
    await ledger.close();
  },
);

withRedis('the workers of a queue begin no more jobs in a time than `rate` says', async (t) => {
  t.timeout(20 * MINUTE);
  const { root, redis } = await surroundings(t);
  const { jobs, folder } = await simulated(root, 5);
  const settings = { redis: redis.url, queue: 'rate' };
  const begun: string[] = [];
  const stop = new AbortController();
  const worker = () =>
    workOnQueue({
      // Two of them a day: whatever the machine does, a third does not begin within this test.
      ...{ ...settings, concurrency: 2, lockSeconds: 30, rate: { count: 2, seconds: 86_400 } },
      ...{ signal: stop.signal, report: () => {} },
      run: async ({ bags: [bag = ''] }) => {
        begun.push(bag);
        return { missing: [] };
      },
    });
  const ledger = await Ledger.open(path.join(folder, 'ledger.jsonl'));
  const asking = new AbortController();
  const asked = queueExecutor(settings)(jobs, { folder, ledger, retries: 0, signal: asking.signal });
  const workers = [worker(), worker()];
  await until(async () => (await queueStatus(settings)).counts.completed === 2);
  // The others were looked at, and put back.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  t.is(begun.length, 2);
  stop.abort();
  await Promise.all(workers);
  asking.abort();
  const states = [...(await asked).values()].map(({ state }) => state);
  t.is(states.filter((state) => state === 'done').length, 2);
  await ledger.close();
});

withRedis('a worker with another model than the one that asks refuses the job', async (t) => {
  t.timeout(20 * MINUTE);
  const { root, redis } = await surroundings(t);
  const { jobs, folder } = await simulated(root, 1);
  await writeTestModel(path.join(root, 'model'), { version: 9 });
  const settings = { redis: redis.url, queue: 'model' };
  const stop = new AbortController();
  const worker = workOnQueue({
    ...{ ...settings, concurrency: 1, lockSeconds: 30, signal: stop.signal, report: () => {} },
    run: async () => ({ missing: [] }),
  });
  const ledger = await Ledger.open(path.join(folder, 'ledger.jsonl'));
  const context = { folder, ledger, retries: 0, signal: new AbortController().signal };
  const [outcome] = (await queueExecutor(settings)(jobs, context)).values();
  t.is(outcome?.state === 'failed' && /is another model on this machine/.test(outcome.message), true);
  stop.abort();
  await worker;
  await ledger.close();
});

withRedis(
  'fleet and worker can be ended while Redis is away, the worker when its job has ended',
  async (t) => {
    t.timeout(20 * MINUTE);
    const { root, redis } = await surroundings(t);
    const { jobs, folder } = await simulated(root, 2);
    const settings = { redis: redis.url, queue: 'away' };
    const stop = new AbortController();
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let begun = 0;
    let hasEnded = false;
    const work = workOnQueue({
      ...{ ...settings, concurrency: 1, lockSeconds: 30, signal: stop.signal, report: () => {} },
      run: async () => {
        begun += 1;
        await finished;
        return { missing: [] };
      },
    }).then(() => {
      hasEnded = true;
    });
    const idle = start(root, ['fleet', 'worker', '--redis', redis.url, '--queue', 'idle']);
    const ledger = await Ledger.open(path.join(folder, 'ledger.jsonl'));
    const context = { folder, ledger, retries: 0, signal: stop.signal };
    const asked = queueExecutor(settings)(jobs, context);
    await until(() => begun === 1);
    await until(async () => (await queueStatus({ ...settings, queue: 'idle' })).workers.length === 1);
    await redis.kill();
    await until(() => /trying again/.test(idle.said()));

    idle.child.kill('SIGTERM');
    stop.abort();
    t.deepEqual(
      [...(await asked).values()].map(({ state }) => state),
      ['left', 'left'],
    );
    await idle.ended;
    t.regex(idle.said(), /Redis is away/);
    t.is(idle.child.signalCode, null);
    t.false(hasEnded, 'its job runs on');
    finish();
    await work;
    t.is(begun, 1);
    await ledger.close();
  },
);

test('a Redis that cannot be reached, and settings that are none, are told in a sentence', async (t) => {
  t.timeout(20 * MINUTE);
  const refused = async (args: readonly string[], message: RegExp) => {
    const { code, stderr } = await runRxdepth(['fleet', 'status', ...args]);
    t.is(code, 1, stderr);
    t.regex(stderr, message);
  };
  await refused([], /give `--redis redis:\/\/HOST/);
  await refused(['--redis', 'localhost'], /--redis: expected `redis:\/\/HOST/);
  await refused(
    ['--redis', 'redis://:secret@127.0.0.1:1'],
    /Redis at redis:\/\/127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED/,
  );
  await refused(['--redis', 'redis://127.0.0.1:1', '--queue', 'a:b'], /--queue: expected letters/);
});
