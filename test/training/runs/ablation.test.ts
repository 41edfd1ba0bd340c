import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { Command } from 'commander';
import { registerAblations } from '../../../training/cli/train-ablation.js';
import { TrainingError } from '../../../training/errors.js';
import { linearDepth } from '../../../training/methods/linear-depth/linear-depth.js';
import { type Ablation, runAblation } from '../../../training/runs/ablation.js';
import type { AblationResult } from '../../../training/runs/ablation-table.js';
import type { Method } from '../../../training/runs/method.js';
import type { RunOptions } from '../../../training/runs/run-options.js';
import { temporaryFolder } from '../datasets/samples.js';

const folder = temporaryFolder();
test.after.always(() => rm(folder, { recursive: true, force: true }));

/** Options of the linear method that `RunOptions` does not know. */
const options = (given: Readonly<Record<string, number>>) => given as unknown as Partial<RunOptions>;
const BASE = options({ samples: 6, validation: 2, width: 64, height: 32, batchSize: 2, steps: 6 });

/** The least method, with an ablation of its learning rate. */
const METHOD: Method = {
  ...linearDepth,
  ablation: { 'slow one': options({ learningRate: 1e-4 }), full: {} },
  ablationSetting: { base: BASE, start: (steps = 4) => options({ steps, learningRate: 5e-3 }) },
};

const ablation = (name: string, change: Partial<Ablation> = {}): Ablation => ({
  ...{ method: METHOD, folder: path.join(folder, name), dataFolder: path.join(folder, 'data'), base: BASE },
  ...{ seeds: 2, every: 3, threads: 1, signal: new AbortController().signal, report: () => undefined },
  ...change,
});

const withoutTimes = (results: readonly AblationResult[]) => results.map(({ seconds: _, ...rest }) => rest);
const resultsIn = (name: string) =>
  withoutTimes(JSON.parse(readFileSync(path.join(folder, name, 'results.json'), 'utf8')));

test.serial(
  'rows times seeds are trained; stopped or killed anywhere, the same call goes on to the same table',
  async (t) => {
    t.timeout(600_000);
    const whole = await runAblation(ablation('whole'));
    t.deepEqual(
      whole.map(({ row, seed }) => [row, seed]),
      [
        ['slow one', 1],
        ['full', 1],
        ['slow one', 2],
        ['full', 2],
      ],
    );
    t.is(new Set(whole.map(({ metrics }) => metrics.absRel)).size, 4, 'rows and seeds differ');
    for (const run of ['slow-one-1', 'full-2']) {
      t.true(existsSync(path.join(folder, 'whole', run, 'model', 'manifest.json')), run);
    }
    const table = readFileSync(path.join(folder, 'whole', 'results.md'), 'utf8');
    t.regex(table, /\| slow one \| 2 \| \d\.\d{3} \+- \d\.\d{3} \|/);

    // Stopped in the middle of the second run, and what a kill in the third leaves.
    const stop = new AbortController();
    const stopped = await runAblation(
      ablation('parts', {
        signal: stop.signal,
        report: (line) => {
          if (/^full-1: step 3: validation/.test(line)) stop.abort();
        },
      }),
    );
    t.is(stopped.length, 1);
    const resumed = await runAblation(
      ablation('parts', {
        report: (line) => {
          if (/^slow-one-2: step 6\/6/.test(line))
            cpSync(path.join(folder, 'parts'), path.join(folder, 'killed'), {
              recursive: true,
              // Its holder, this process, is not dead.
              filter: (file) => !file.endsWith('.rxdepth.lock'),
            });
        },
      }),
    );
    t.deepEqual(withoutTimes(resumed), withoutTimes(whole));
    t.is(resultsIn('killed').length, 2);
    await runAblation(ablation('killed'));
    for (const name of ['parts', 'killed']) t.deepEqual(resultsIn(name), resultsIn('whole'), name);
  },
);

test.serial(
  'every run starts from the one that is said, and the models are evaluated on other data',
  async (t) => {
    t.timeout(600_000);
    const lines: string[] = [];
    const evaluated: string[] = [];
    const results = await runAblation(
      ablation('started', {
        start: { ...linearDepth.options.parse({ ...BASE, steps: 4 }) } as unknown as RunOptions, // the method's own
        ...{ seeds: 1, rows: ['full'] },
        evaluate: async (model) => {
          evaluated.push(path.relative(folder, model));
          return { 'kitti:here': { absRel: 0.25 } };
        },
        report: (line) => void lines.push(line),
      }),
    );
    t.is(results.length, 1);
    t.true(lines.some((line) => /^full-1: .*started\/start gives 2 of 2 parameters/.test(line)));
    t.deepEqual(evaluated, ['started/full-1/model']);
    const table = readFileSync(path.join(folder, 'started', 'results.md'), 'utf8');
    t.true(
      table.includes('kitti:here:\n\n| row | seeds | AbsRel |\n| --- | --- | --- |\n| full | 1 | 0.250 |\n'),
      table,
    );
    const manifest = JSON.parse(
      readFileSync(path.join(folder, 'started', 'full-1', 'model', 'manifest.json'), 'utf8'),
    );
    t.is(manifest.provenance.parent, 'start');

    // A row that says so starts from weights that its seed draws.
    const drawn: string[] = [];
    await runAblation({
      ...ablation('started', {
        start: { ...linearDepth.options.parse({ ...BASE, steps: 4 }) } as unknown as RunOptions, // the method's own
        ...{ seeds: 1, rows: ['alone'], report: (line) => void drawn.push(line) },
      }),
      method: { ...METHOD, ablation: { alone: { parent: undefined } } },
    });
    t.false(drawn.some((line) => /^alone-1: .*gives/.test(line)));
    const alone = path.join(folder, 'started', 'alone-1', 'model', 'manifest.json');
    t.is(JSON.parse(readFileSync(alone, 'utf8')).provenance.parent, undefined);
  },
);

test.serial(
  'rows of other tables are trained where they are named, and the start where a row needs it',
  async (t) => {
    t.timeout(600_000);
    const method: Method = { ...METHOD, furtherRows: { 'few, drawn': { parent: undefined } } };
    const start = { ...linearDepth.options.parse({ ...BASE, steps: 4 }) } as unknown as RunOptions; // the method's own
    const results = await runAblation({
      ...ablation('further', { seeds: 1, rows: ['few, drawn'], start }),
      method,
    });
    t.deepEqual(
      results.map(({ row }) => row),
      ['few, drawn'],
    );
    t.false(existsSync(path.join(folder, 'further', 'start')));
    t.regex(readFileSync(path.join(folder, 'further', 'results.md'), 'utf8'), /\| few, drawn \| 1 \|/);
    const usual = await runAblation({ ...ablation('whole'), method });
    t.deepEqual([...new Set(usual.map(({ row }) => row))], ['slow one', 'full']);
  },
);

test('a row that is not there and a folder with a table of somebody else are refused', async (t) => {
  await t.throwsAsync(runAblation(ablation('rows', { rows: ['full', 'fast'] })), {
    instanceOf: TrainingError,
    message: /--rows: expected some of `slow one`, `full`, got `fast`/,
  });
  await mkdir(path.join(folder, 'foreign'));
  writeFileSync(path.join(folder, 'foreign', 'results.md'), 'mine');
  await t.throwsAsync(runAblation(ablation('foreign')), {
    message: /results\.md` that is not of an ablation/,
  });
  writeFileSync(path.join(folder, 'foreign', 'results.json'), '{"mine":1}');
  await t.throwsAsync(runAblation(ablation('foreign')), {
    message: /results\.json` that is not of an ablation/,
  });
  t.is(readFileSync(path.join(folder, 'foreign', 'results.json'), 'utf8'), '{"mine":1}');
  t.is(readFileSync(path.join(folder, 'foreign', 'results.md'), 'utf8'), 'mine');
});

test.serial('the command takes the flags of the method beside its own', async (t) => {
  t.timeout(600_000);
  const program = new Command().exitOverride();
  registerAblations(program, [METHOD]);
  const output = path.join(folder, 'command');
  const flags = ['-o', output, '--data-folder', path.join(folder, 'data'), '--threads', '1'];
  await program.parseAsync(
    [
      ...['ablation', 'linear-depth', ...flags, '--seeds', '1', '--rows', 'full'],
      ...['--start-steps', '2', '--steps', '3'],
    ],
    { from: 'user' },
  );
  t.is(resultsIn('command').length, 1);
  const saved = (run: string) => JSON.parse(readFileSync(path.join(output, run, 'options.json'), 'utf8'));
  t.is(saved('start').steps, 2);
  t.is(saved('full-1').steps, 3);
  t.is(saved('full-1').parent, 'start');
  t.is(saved('full-1').samples, 6, 'as the method says where nothing is given');
});
