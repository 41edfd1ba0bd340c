import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { loadModel } from '../../../../models/model-store.js';
import { METHODS } from '../../../../training/methods/methods.js';
import { s2rDepthnet } from '../../../../training/methods/s2r-depthnet/s2r-depthnet.js';
import { S2R_OPTIONS } from '../../../../training/methods/s2r-depthnet/s2r-options.js';
import { commandOf, completeOptions } from '../../../../training/runs/complete-options.js';
import { exportRun } from '../../../../training/runs/export-run.js';
import { runMethod } from '../../../../training/runs/run.js';
import type { RunState } from '../../../../training/runs/run-state.js';
import { temporaryFolder } from '../../datasets/samples.js';

const folder = temporaryFolder();
test.after.always(() => rm(folder, { recursive: true, force: true }));

const SMALL = {
  ...{ preset: 'narrow', source: 'simulator:town-clean?samples=3', validation: 1, seed: 3 },
  ...{ width: 32, height: 32, translationWidth: 32, translationHeight: 32, batchSize: 2 },
  ...{ translation: { steps: 2 }, structure: { steps: 2 }, attentionLength: { steps: 2 } },
} as object; // options of the method

async function run(name: string, given: object, stopAt?: RegExp, from?: string): Promise<RunState> {
  const stop = new AbortController();
  return await runMethod(s2rDepthnet, {
    ...{ folder: path.join(folder, name), dataFolder: path.join(folder, 'data'), from },
    options: completeOptions(s2rDepthnet, { ...SMALL, ...given }),
    ...{ threads: 1, every: 1, signal: stop.signal },
    report: (line) => {
      if (stopAt?.test(line)) stop.abort();
    },
  });
}

/** Bytes of all parameters of a network, running statistics among them. */
function bytesOf({ parameters }: RunState, network: string): string {
  const own = [...parameters].filter(([name]) => name.startsWith(`${network}.`));
  return Buffer.concat(own.map(([, { values }]) => Buffer.from(values.buffer.slice(0)))).toString('base64');
}

test.serial(
  'three steps: what a step freezes keeps its bytes, stopped in the middle of each it goes on exactly',
  async (t) => {
    t.timeout(1_800_000);
    t.true(METHODS.includes(s2rDepthnet));
    const first = await run('stopped', {}, /^step 1: validation/);
    t.is(first.step, 1);
    const second = await run('stopped', {}, /^step 3: validation/);
    const third = await run('stopped', {}, /^step 5: validation/);
    const last = await run('stopped', {});
    t.deepEqual([second.step, third.step, last.step], [3, 5, 6]);

    const states = [first, second, third, last];
    const changes = (network: string) =>
      states.slice(1).map((state, i) => bytesOf(state, network) !== bytesOf(states[i] as RunState, network));
    t.deepEqual(changes('structure_encoder'), [true, false, false], 'frozen after step 1');
    t.deepEqual(changes('structure_decoder'), [true, true, false], 'frozen after step 2');
    t.deepEqual(changes('attention'), [false, true, true]);
    t.deepEqual(changes('depth'), [true, true, true]);
    for (const network of ['source_encoder', 'style_decoder', 'style_discriminator'])
      t.deepEqual(changes(network), [true, false, false], network);

    const whole = await run('whole', {});
    for (const network of s2rDepthnet.networks(completeOptions(s2rDepthnet, SMALL)))
      t.is(bytesOf(last, network), bytesOf(whole, network), network);
    const optimizers = (state: RunState) =>
      JSON.stringify(Object.values(state.optimizers).map((o) => o.save()));
    t.is(optimizers(last), optimizers(whole));

    const log = readFileSync(path.join(folder, 'whole', 'log.csv'), 'utf8');
    const [header = ''] = log.split('\n');
    for (const column of ['discriminator.loss', 'image', 'structure', 'attention', 'restoredError', 'absRel'])
      t.true(header.split(',').includes(column), column);
    t.true(existsSync(path.join(folder, 'whole', 'panels', 'step-000006.png')));
  },
);

test.serial('step 1 alone needs samples for its own batch, not for that of the other steps', async (t) => {
  t.timeout(1_800_000);
  const state = await run('alone', { phases: ['translation'], batchSize: 32, translation: { steps: 1 } });
  t.is(state.step, 1);
  await t.throwsAsync(run('all', { batchSize: 32 }), {
    message: /role `source`: expected at least `32` samples .* got 2; .* a smaller batch/,
  });
});

test.serial('the model is exported as any other, without what step 1 alone needs', async (t) => {
  const options = completeOptions(s2rDepthnet, SMALL);
  const state = await run('whole', {});
  const model = path.join(folder, 'model');
  await exportRun({ method: s2rDepthnet, folder: model, name: 's2r', precision: 'F32', options, state });
  const { manifest } = await loadModel(model);
  t.deepEqual(manifest.depth, { kind: 'depth', metric: true, farMeters: 76 });
  t.deepEqual(manifest.classes, []);
  t.is(manifest.network.architecture, 's2r-depthnet');
  t.is(manifest.provenance.command, commandOf(s2rDepthnet, options));
});

test.serial('a later step takes what earlier ones made, and nothing less', async (t) => {
  t.timeout(600_000);
  const whole = path.join(folder, 'whole');
  const given = {
    phases: ['attention'],
    parent: 'whole',
    parentParts: ['structure_encoder', 'structure_decoder'],
  };
  const state = await run('again', given, /^step 1: validation/, whole);
  const before = await run('whole', {});
  t.is(bytesOf(state, 'structure_decoder'), bytesOf(before, 'structure_decoder'));
  t.not(bytesOf(state, 'depth'), bytesOf(before, 'depth'), 'drawn anew, as in the authors’ code');

  await t.throwsAsync(run('none', { phases: ['structure'] }), {
    name: 'TrainingError',
    message: /trains nothing of `structure_encoder`: expected `--init`/,
  });
});

test('options that make no training are refused by name', (t) => {
  const refused = (given: object, message: RegExp) =>
    t.throws(() => completeOptions(s2rDepthnet, { ...SMALL, ...given }), { name: 'TrainingError', message });
  refused({ phases: ['attention', 'structure'] }, /`translation,structure,attention`, in this order/);
  refused({ input: 'picture', attention: 'product' }, /only the structure map is attended to/);
  refused({ input: 'edges', phases: ['attention'] }, /expected `structure` alone/);
  refused({ attention: 'none', phases: ['structure', 'attention'] }, /no `attention` step/);
  refused({ preset: 'paper', height: 64 }, /at least 96 pixels/);
});

test('a batch of the paper fits 24 GB: four of eight pictures, or as many as make 32', (t) => {
  const of = (given: object) => {
    const { batchSize, accumulate } = S2R_OPTIONS.parse(completeOptions(s2rDepthnet, given));
    return [batchSize, accumulate];
  };
  t.deepEqual(of({ preset: 'paper' }), [8, 4]);
  t.deepEqual(of({ preset: 'paper', batchSize: 32 }), [32, 1]);
  t.deepEqual(of({ preset: 'paper', batchSize: 2 }), [2, 16]);
  t.deepEqual(of({ preset: 'paper', accumulate: 3 }), [8, 3]);
  t.deepEqual(of({ preset: 'compact' }), [4, 1]);
});

test('steps follow from what is asked for, and rows of table 5 learn equally long', (t) => {
  const phases = (given: object) =>
    s2rDepthnet.phases(completeOptions(s2rDepthnet, { ...SMALL, ...given }), {});
  t.deepEqual(
    phases({}).map(({ name }) => name),
    ['translation', 'structure', 'attention'],
  );
  t.deepEqual(
    phases({ parent: 'run' }).map(({ name }) => name),
    ['structure', 'attention'],
  );
  for (const [row, change] of Object.entries(s2rDepthnet.ablation ?? {})) {
    const steps = phases({ parent: 'start', ...change }).map(({ length }) =>
      'steps' in length ? length.steps : 0,
    );
    t.is(
      steps.reduce((sum, count) => sum + count, 0),
      4,
      row,
    );
  }
});

test('learning rates halve after every sixth of steps 2 and 3, and every tenth of step 1', (t) => {
  const [translation, structure] = s2rDepthnet.phases(
    completeOptions(s2rDepthnet, { ...SMALL, learningRate: 1, translationRate: 1 } as object),
    {},
  );
  const rate = (phase: typeof translation, phaseStep: number) =>
    phase?.updates[0]?.learningRate({ step: 0, steps: 0, phaseStep, phaseSteps: 60 });
  t.deepEqual(
    [0, 9, 10, 59].map((step) => rate(structure, step)),
    [1, 1, 0.5, 1 / 32],
  );
  t.deepEqual(
    [0, 5, 6, 59].map((step) => rate(translation, step)),
    [1, 1, 0.5, 1 / 512],
  );
});
