import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { linearDepth } from '../../../../training/methods/linear-depth/linear-depth.js';
import { completeOptions } from '../../../../training/runs/complete-options.js';
import type { Method } from '../../../../training/runs/method.js';
import { runMethod } from '../../../../training/runs/run.js';
import { temporaryFolder } from '../../datasets/samples.js';

const folder = temporaryFolder();
test.after.always(() => rm(folder, { recursive: true, force: true }));

const OPTIONS = completeOptions(linearDepth, {
  ...{ samples: 3, validation: 1, width: 64, height: 32, batchSize: 1, steps: 60 },
} as object);

/** linear-depth, whose weights explode after a step; watched from the first step. */
function exploding(after: number, phases = 1): Method {
  return {
    ...linearDepth,
    health: () => ({}),
    phases: (options, facts) => {
      const [phase] = linearDepth.phases(options, facts);
      if (phase === undefined) throw new RangeError('linear-depth has a phase');
      const updates = phase.updates.map((update) => ({
        ...update,
        learningRate: ({ step }: { step: number }) => (step < after ? 1e-3 : 1e4),
      }));
      return Array.from({ length: phases }, () => ({ ...phase, length: { steps: 60 / phases }, updates }));
    },
  };
}

/** linear-depth with two updates, whose weights are lost after step 15. */
function losing(health: boolean): Method {
  return {
    ...linearDepth,
    ...(health && { health: () => ({}) }),
    phases: (options, facts) =>
      linearDepth.phases(options, facts).map((phase) => ({
        ...phase,
        updates: phase.updates.flatMap((update) => [
          { ...update, learningRate: ({ step }) => (step < 15 ? 1e-2 : Number.POSITIVE_INFINITY) },
          { ...update, name: 'again', learningRate: () => 1e-3 },
        ]),
      })),
  };
}

async function run(name: string, method: Method, every = 10) {
  const lines: string[] = [];
  const place = { folder: path.join(folder, name), dataFolder: path.join(folder, 'data') };
  const signal = new AbortController().signal;
  const report = (line: string) => void lines.push(line);
  const ended = runMethod(method, { ...place, options: OPTIONS, threads: 1, every, signal, report });
  const error = await ended.then(
    () => undefined,
    (why: Error) => why.message,
  );
  const saved = path.join(folder, name, 'checkpoint', 'state.json');
  const step: number | undefined = existsSync(saved)
    ? JSON.parse(readFileSync(saved, 'utf8')).step
    : undefined;
  const log = readFileSync(path.join(folder, name, 'log.csv'), 'utf8')
    .trim()
    .split('\n');
  return { lines, error, step, log };
}

test.serial('a training that is lost stops, says why, and its last good checkpoint stays', async (t) => {
  const { lines, error, step, log } = await run('watched', losing(true));
  t.is(step, 10);
  t.regex(
    error ?? '',
    /stops after step 35: loss or gradients of `again` were not finite for 20 steps in a row/,
  );
  t.regex(error ?? '', /checkpoint in .*watched.* stays as it was/);
  t.is(lines.filter((line) => /step [23]0 is not kept/.test(line)).length, 2);
  const header = log[0]?.split(',') ?? [];
  for (const column of ['all.loss', 'all.gradientNorm', 'again.loss', 'again.gradientNorm'])
    t.true(header.includes(column), column);
  const last = log.at(-1)?.split(',') ?? [];
  t.deepEqual([last[0], last[1]], ['35', 'train'], 'the log holds the last step');
  const norm = Number(log[5]?.split(',')[header.indexOf('again.gradientNorm')]);
  t.true(norm > 0 && Number.isFinite(norm));
});

test.serial('a training that explodes among its first steps replaces no checkpoint', async (t) => {
  const { lines, error, step } = await run('early', exploding(7), 5);
  t.is(step, 5);
  t.regex(error ?? '', /stops after step 17: it diverges: the weights of `all` are/);
  t.regex(error ?? '', /checkpoint in .*early.* is of step 5, where nothing spoke against it, and stays/);
  const unkept = lines.filter((line) =>
    /step 1[05] is not kept, the checkpoint of step 5 stays: the weights/.test(line),
  );
  t.is(unkept.length, 2);
});

test.serial('a training that explodes at once says that there is no checkpoint', async (t) => {
  const { lines, error, step } = await run('at-once', exploding(0), 5);
  t.is(step, undefined);
  t.regex(error ?? '', /stops after step 10: it diverges.*There is no checkpoint yet/);
  t.true(lines.some((line) => /step 5 is not kept, there is no checkpoint yet: the weights/.test(line)));
});

test.serial(
  'resumed, a training that explodes replaces the checkpoint of its sound steps no more',
  async (t) => {
    const first = await run('resumed', exploding(12), 10);
    t.is(first.step, 10);
    const again = await run('resumed', exploding(12), 3);
    t.is(again.step, 12);
    t.regex(again.error ?? '', /checkpoint in .*resumed.* is of step 12/);
  },
);

test.serial('what explodes in the last steps of a phase is no beginning of the next', async (t) => {
  const { error, step } = await run('phases', exploding(28, 2), 5);
  t.is(step, 25);
  t.regex(error ?? '', /stops after step 30: the weights of `all` are.*is of step 25/);
});

test.serial('weights that are not finite replace no checkpoint of any method', async (t) => {
  const { lines, error, step } = await run('unwatched', losing(false));
  t.is(error, undefined);
  t.is(step, 10);
  t.regex(lines.at(-1) ?? '', /step 60 is not kept.*weights `linear\.\w+` are not finite/);
});
