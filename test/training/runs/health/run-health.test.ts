import { readFileSync } from 'node:fs';
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

async function run(name: string, method: Method) {
  const lines: string[] = [];
  const place = { folder: path.join(folder, name), dataFolder: path.join(folder, 'data') };
  const signal = new AbortController().signal;
  const report = (line: string) => void lines.push(line);
  const ended = runMethod(method, { ...place, options: OPTIONS, threads: 1, every: 10, signal, report });
  const error = await ended.then(
    () => undefined,
    (why: Error) => why.message,
  );
  const state = JSON.parse(readFileSync(path.join(folder, name, 'checkpoint', 'state.json'), 'utf8'));
  const log = readFileSync(path.join(folder, name, 'log.csv'), 'utf8')
    .trim()
    .split('\n');
  return { lines, error, step: state.step as number, log };
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

test.serial('weights that are not finite replace no checkpoint of any method', async (t) => {
  const { lines, error, step } = await run('unwatched', losing(false));
  t.is(error, undefined);
  t.is(step, 10);
  t.regex(lines.at(-1) ?? '', /step 60 is not kept.*weights `linear\.\w+` are not finite/);
});
