import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import test from 'ava';
import { threadTimes } from '../../../msgs/picture/thread-times.js';
import { withinProcessorTime } from '../../../msgs/picture/within-processor-time.js';

const deflate = promisify(zlib.deflate);
const never = () => new Promise<never>(() => {});
const late = () => new Error('late');

/** Keeps this thread from turning its event loop. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Threads that have so much more processor time at each look. */
function running(gains: Readonly<Record<string, number>>): () => ReadonlyMap<string, number> {
  let looks = 0;
  return () => {
    looks += 1;
    return new Map(Object.entries(gains).map(([id, ms]) => [id, ms * looks]));
  };
}

test('work is given up when one thread has computed for longer than the limit', async (t) => {
  const times = running({ idle: 0, decoder: 60 });
  await t.throwsAsync(withinProcessorTime({ mostMs: 100, times }, never, late), { message: 'late' });
});

test('threads that share the time do not add up to a limit of one', async (t) => {
  // 16 threads with 1 ms each at every look: 160 ms of processor time after 10 looks, and 10 of each.
  const threads = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [String(i), 1]));
  const work = () => sleep(150, 'done');
  t.is(await withinProcessorTime({ mostMs: 100, times: running(threads) }, work, late), 'done');
});

test('a machine that lets the process wait costs the work nothing', async (t) => {
  const work = () => sleep(500, 'done');
  t.is(await withinProcessorTime({ mostMs: 50, times: running({ decoder: 0 }) }, work, late), 'done');
});

test('work that ended while the event loop was blocked is taken, however long that was', async (t) => {
  // In a worker that decodes beside inference the loop stands still while the network computes.
  const work = () => deflate(new Uint8Array(1000));
  const result = withinProcessorTime({ mostMs: 100 }, work, late);
  block(400);
  t.true((await result).length > 0);
});

test('work that computes nothing is given up in the end', async (t) => {
  const times = running({ decoder: 0 });
  await t.throwsAsync(withinProcessorTime({ mostMs: 10, times }, never, late), { message: 'late' });
});

test('the processor time of threads grows with what they compute', (t) => {
  const before = threadTimes();
  const { user } = process.cpuUsage();
  while (process.cpuUsage().user - user < 300_000);
  const gains = [...threadTimes()].map(([id, ms]) => ms - (before.get(id) ?? 0));
  t.true(Math.max(...gains) > 0);
  t.true(gains.every((gain) => gain >= 0));
});
