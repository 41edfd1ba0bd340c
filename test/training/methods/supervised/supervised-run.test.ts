import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { SampleStore } from '../../../../training/datasets/stores/sample-store.js';
import { parseRunOptions } from '../../../../training/methods/supervised/run-options.js';
import { runSupervised } from '../../../../training/methods/supervised/supervised-run.js';
import type { RunState } from '../../../../training/runs/run-state.js';
import { temporaryFolder } from '../../datasets/samples.js';

const folder = temporaryFolder();
test.after.always(() => rm(folder, { recursive: true, force: true }));

const OPTIONS = parseRunOptions(
  {
    ...{ domain: 'town-clean', seed: 3, samples: 4, validation: 1, sampleWidth: 64, sampleHeight: 48 },
    ...{ batchSize: 1, stages: [{ width: 32, height: 32, steps: 3 }], preset: 'compact' },
    ...{ learningRate: 1e-3, weightDecay: 1e-4, segmentationWeight: 0.1 },
  },
  'test',
);

/** Trains in `name`, validating after every step; stops when a line of progress matches `stopAt`. */
async function run(
  name: string,
  samples: string,
  stopAt?: RegExp,
  eager?: string,
  options = OPTIONS,
): Promise<{ state: RunState; lines: string[] }> {
  const stop = new AbortController();
  const lines: string[] = [];
  const state = await runSupervised({
    folder: path.join(folder, name),
    sampleFolder: path.join(folder, samples),
    options,
    ...{ threads: 1, eager, every: 1, signal: stop.signal },
    report: (line) => {
      lines.push(line);
      if (stopAt?.test(line)) stop.abort();
    },
  });
  return { state, lines };
}

test.serial('a run that was stopped and resumed has the very weights of one that was not', async (t) => {
  const { state: whole } = await run('whole', 'samples');
  const { state: stopped } = await run('parts', 'samples', /^step 2: validation/);
  t.is(stopped.step, 2);
  const { state: resumed } = await run('parts', 'samples');
  t.is(resumed.step, 3);
  t.deepEqual(resumed.metrics, whole.metrics);
  t.is(resumed.optimizer.steps, whole.optimizer.steps);
  for (const file of ['weights.safetensors', 'optimizer.safetensors']) {
    const bytes = (name: string) => readFileSync(path.join(folder, name, 'checkpoint', file));
    t.true(bytes('parts').equals(bytes('whole')), file);
  }
});

test.serial('a run is not gone on with other options: nothing in its folder changes', async (t) => {
  await run('kept', 'samples', /^step 1: validation/);
  const content = () =>
    Object.fromEntries(
      readdirSync(path.join(folder, 'kept'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .map((file) => [file, readFileSync(file, 'base64')]),
    );
  const before = content();
  const longer = { ...OPTIONS, seed: 9, stages: [{ width: 32, height: 32, steps: 400 }] };
  await t.throwsAsync(run('kept', 'samples', undefined, undefined, longer), {
    name: 'TrainingError',
    message: /--seed 3, not 9; --stages .*"steps":3.*, not .*"steps":400/,
  });
  t.deepEqual(content(), before);
});

test.serial('eager steps have the loss of compiled ones, and say where they run', async (t) => {
  const firstLoss = (name: string): number =>
    Number(
      readFileSync(path.join(folder, name, 'log.csv'), 'utf8')
        .split('\n')[1]
        ?.split(',')[2],
    );
  await run('compiled', 'samples', /^step 1: validation/);
  const { lines } = await run('eager', 'samples', /^step 1: validation/, 'wasm');
  t.true(lines.includes('eager TensorFlow.js on wasm at 32x32, batch 1'));
  t.true(Math.abs(firstLoss('eager') / firstLoss('compiled') - 1) < 1e-4);
});

test.serial(
  'stopping while samples are rendered ends there: nothing is trained, what is rendered is kept',
  async (t) => {
    const { state, lines } = await run('early', 'few samples', /^samples 0\/4/);
    t.is(state.step, 0);
    t.regex(lines.at(-1) ?? '', /not trained yet; the rendered samples are kept in .*few samples/);
    t.false(lines.some((line) => line.startsWith('compiling')));
    t.false(existsSync(path.join(folder, 'early', 'checkpoint')));
    const { domain: _, ...description } = JSON.parse(
      readFileSync(path.join(folder, 'few samples', 'store.json'), 'utf8'),
    );
    const store = SampleStore.open(path.join(folder, 'few samples'), description);
    t.true(store.missing().length > 0);
    store.close();
  },
);
