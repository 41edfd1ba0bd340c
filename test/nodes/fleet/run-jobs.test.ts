import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { NodeError } from '../../../nodes/errors.js';
import { type FleetJob, fleetJob } from '../../../nodes/fleet/fleet-job.js';
import { Ledger } from '../../../nodes/fleet/ledger.js';
import { type JobsOptions, runJobs } from '../../../nodes/fleet/run-jobs.js';

/** A job of a bag whose content is its name. */
const job = (name: string): FleetJob =>
  fleetJob(
    { task: 'replay', bags: [`/bags/${name}`], model: '/model', flags: [] },
    { bags: [name], model: 'm' },
  );

const NOTHING_MISSING = { missing: [] };

/** Runs jobs against a ledger in a folder of its own. */
async function atWork(
  t: { teardown(fn: () => Promise<void>): void },
  use: (ledger: Ledger, file: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-fleet-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'ledger.jsonl');
  const ledger = await Ledger.open(file);
  await use(ledger, file);
}

const usual = (ledger: Ledger, made: Set<string>): Omit<JobsOptions, 'run'> => ({
  ledger,
  ...{ workers: 2, retries: 1, signal: new AbortController().signal },
  done: async ({ output }) => (made.has(output) ? NOTHING_MISSING : undefined),
});

const eventsOf = async (file: string) =>
  (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; job: string; attempt: number });

test('every job runs once, no more at a time than there are workers, and not again the next time', async (t) => {
  await atWork(t, async (ledger, file) => {
    const made = new Set<string>();
    let [running, most] = [0, 0];
    let meet = () => {};
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const run = async ({ output }: FleetJob) => {
      running += 1;
      most = Math.max(most, running);
      // The first waits until another runs beside it.
      if (running === 2) meet();
      await met;
      t.false(made.has(output), 'made twice');
      made.add(output);
      running -= 1;
      return NOTHING_MISSING;
    };
    // The first and the last are the same content.
    const jobs = ['a', 'b', 'c', 'd', 'a'].map(job);
    const first = await runJobs(jobs, { ...usual(ledger, made), run });
    t.is(most, 2);
    t.is(first.size, 4);
    t.true([...first.values()].every(({ state }) => state === 'done'));
    const second = await runJobs(jobs, { ...usual(ledger, made), run });
    t.true([...second.values()].every(({ state }) => state === 'known'));
    const events = await eventsOf(file);
    t.is(events.filter(({ event }) => event === 'done').length, 4);
    t.is(events.filter(({ event }) => event === 'start').length, 4);
    await ledger.close();
  });
});

test('a job that fails is tried again as often as told, its end is told, and the others go on', async (t) => {
  await atWork(t, async (ledger, file) => {
    const made = new Set<string>();
    const tries = new Map<string, number>();
    const run = async ({ bags: [bag = ''], output }: FleetJob) => {
      const count = (tries.get(bag) ?? 0) + 1;
      tries.set(bag, count);
      if (bag.endsWith('broken') || (bag.endsWith('flaky') && count === 1)) throw new Error(`no ${bag}`);
      made.add(output);
      return NOTHING_MISSING;
    };
    const outcomes = await runJobs(['broken', 'flaky', 'sound'].map(job), { ...usual(ledger, made), run });
    t.deepEqual(outcomes.get(job('broken').id), {
      state: 'failed',
      message: 'no /bags/broken',
      attempts: 2,
    });
    const flaky = outcomes.get(job('flaky').id);
    t.is(flaky?.state === 'done' && flaky.attempts, 2);
    t.is(outcomes.get(job('sound').id)?.state, 'done');
    t.is(ledger.last(job('broken').id)?.event, 'failed');
    t.is((await eventsOf(file)).filter(({ event }) => event === 'failed').length, 3);
    await ledger.close();
  });
});

test('what a killed process has finished without telling is told and not run', async (t) => {
  await atWork(t, async (ledger) => {
    const made = new Set([job('a').output]);
    await ledger.append({ event: 'start', job: job('a').id, bag: '/bags/a', attempt: 1 });
    await runJobs([job('a')], { ...usual(ledger, made), run: () => t.fail() as never });
    t.is(ledger.last(job('a').id)?.event, 'done');
    await ledger.close();
  });
});

test('a job whose bag is damaged says so, with what is missing, now and the next time, and is told once', async (t) => {
  await atWork(t, async (ledger, file) => {
    const made = new Set<string>();
    const result = { missing: ['/bags/a: it ends in the middle; lost: 3 messages'], facts: { images: 2 } };
    const run = async ({ output }: FleetJob) => {
      made.add(output);
      return result;
    };
    const again = async ({ output }: FleetJob) => (made.has(output) ? result : undefined);
    const options = { ...usual(ledger, made), run, done: again };
    const first = (await runJobs([job('a')], options)).get(job('a').id);
    t.like(first, { state: 'damaged', attempts: 1, ...result });
    const second = (await runJobs([job('a')], options)).get(job('a').id);
    t.deepEqual(second, { state: 'damaged', before: true, ...result });
    t.like(ledger.last(job('a').id), { event: 'damaged', missing: result.missing });
    t.is((await eventsOf(file)).filter(({ event }) => event === 'damaged').length, 1);
    await ledger.close();
  });
});

test('after a stop no job begins, and one that the stop has ended did not fail', async (t) => {
  await atWork(t, async (ledger) => {
    const controller = new AbortController();
    const run = async () => {
      controller.abort();
      throw new Error('ended by a signal');
    };
    const options = { ...usual(ledger, new Set()), workers: 1, signal: controller.signal, run };
    const outcomes = await runJobs(['a', 'b'].map(job), options);
    t.deepEqual([...outcomes.values()], [{ state: 'left' }, { state: 'left' }]);
    t.is(ledger.last(job('a').id)?.event, 'start');
    t.is(ledger.last(job('b').id), undefined);
    await ledger.close();
  });
});

test('a job whose earlier result cannot be read fails, and the others go on', async (t) => {
  await atWork(t, async (ledger, file) => {
    const made = new Set<string>();
    const run = async ({ output }: FleetJob) => {
      made.add(output);
      return NOTHING_MISSING;
    };
    const done = async ({ id }: FleetJob) => {
      if (id === job('torn').id) throw new NodeError('torn.json is no result');
      return undefined;
    };
    const outcomes = await runJobs(['torn', 'a', 'b', 'c'].map(job), { ...usual(ledger, made), run, done });
    t.deepEqual(outcomes.get(job('torn').id), {
      ...{ state: 'failed', message: 'torn.json is no result', attempts: 1 },
    });
    t.is(made.size, 3);
    t.is(ledger.last(job('torn').id)?.event, 'failed');
    t.is((await eventsOf(file)).filter(({ event }) => event === 'done').length, 3);
    await ledger.close();
  });
});

test('where the ledger cannot be written the jobs that run are ended, and waited for', async (t) => {
  await atWork(t, async (ledger) => {
    let running = 0;
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const run = async ({ id }: FleetJob, signal: AbortSignal) => {
      running += 1;
      if (id === job('a').id) {
        await begun;
        await ledger.close(); // the next line cannot be written
      } else {
        begin();
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => setTimeout(resolve, 50)));
      }
      running -= 1;
      return NOTHING_MISSING;
    };
    await t.throwsAsync(runJobs(['a', 'b', 'c'].map(job), { ...usual(ledger, new Set()), run }));
    t.is(running, 0);
  });
});

test('a ledger drops half a line at its end, and names a line that is none', async (t) => {
  await atWork(t, async (ledger, file) => {
    await ledger.append({ event: 'done', job: 'x', bag: '/bags/x', attempt: 1 });
    await ledger.close();
    await appendFile(file, '{"time":"2026-01-0');
    const again = await Ledger.open(file);
    t.is(again.last('x')?.event, 'done');
    await again.append({ event: 'start', job: 'y', bag: '/bags/y', attempt: 1 });
    await again.close();
    t.is((await eventsOf(file)).length, 2);
    await appendFile(file, '{"event":"lost"}\n');
    const error = await t.throwsAsync(Ledger.open(file), { instanceOf: NodeError });
    t.true(error?.message.includes(`${file}, line 3`), error?.message);
  });
});

test('a job is another when its task, bags, model or flags are others, and not when it only lies elsewhere', (t) => {
  const make = (
    more: { task?: 'replay' | 'evaluate'; bag?: string; flags?: readonly string[] } = {},
    digests: { bags?: readonly string[]; model?: string } = {},
  ) => {
    const { task = 'replay', bag = '/here/drive.mcap', flags = ['--no-motion'] } = more;
    const about = { task, bags: [bag], model: '/model', flags: [...flags] };
    return fleetJob(about, { bags: ['b'], model: 'm', ...digests });
  };
  const { id } = make();
  t.is(make({ bag: '/there/other' }).id, id);
  const others = [
    make({ task: 'evaluate' }),
    make({ flags: [] }),
    make({}, { bags: ['c'] }),
    make({}, { bags: ['b', 'b'] }),
    make({}, { model: 'n' }),
  ];
  t.is(new Set([id, ...others.map((other) => other.id)]).size, others.length + 1);
  t.regex(make().output, /^drive-[0-9a-f]{12}$/);
  const place = 's3://drives/a/monday.db3.zstd?versionId=3';
  t.regex(make({ bag: place }).output, /^monday-[0-9a-f]{12}$/);
});

test('outputs of versions that only replayed are known still: their IDs are the same', (t) => {
  const digests = { bags: ['b'], model: 'm' };
  const flags = ['--no-motion'];
  const before = createHash('sha256')
    .update(JSON.stringify(['replay', 'b', 'm', flags]))
    .digest('hex');
  t.is(fleetJob({ task: 'replay', bags: ['/drive'], model: '/m', flags }, digests).id, before);
});
