import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { ModelRunner } from '../../../../models/model-runner.js';
import { loadModel } from '../../../../models/model-store.js';
import { adversarialDepth } from '../../../../training/methods/adversarial-depth/adversarial-depth.js';
import { METHODS } from '../../../../training/methods/methods.js';
import { completeOptions } from '../../../../training/runs/complete-options.js';
import { exportRun } from '../../../../training/runs/export-run.js';
import { runMethod } from '../../../../training/runs/run.js';
import { definitionOf } from '../../../../training/runs/run-definition.js';
import type { RunOptions } from '../../../../training/runs/run-options.js';
import type { RunState } from '../../../../training/runs/run-state.js';
import { temporaryFolder } from '../../datasets/samples.js';

const folder = temporaryFolder();
test.after.always(() => rm(folder, { recursive: true, force: true }));

const GIVEN = {
  ...{ paired: 'simulator:town-clean?samples=5&validation=1', width: 32, height: 32, batchSize: 2 },
  ...{ length: { steps: 4 }, filters: 2, levels: 4, discriminatorFilters: 2, pool: 3 },
};
const PAPER_SIZE = { width: 256, height: 256, filters: 64, levels: 8 };

/** The command line gives any option of the method. */
const optionsOf = (given: object): RunOptions =>
  completeOptions(adversarialDepth, { ...GIVEN, ...given } as Partial<RunOptions>);

async function run(
  name: string,
  options: RunOptions,
  stopAt?: RegExp,
): Promise<{ state: RunState; lines: string[] }> {
  const stop = new AbortController();
  const lines: string[] = [];
  const state = await runMethod(adversarialDepth, {
    ...{ folder: path.join(folder, name), dataFolder: path.join(folder, 'data'), options },
    ...{ threads: 1, every: 2, signal: stop.signal },
    report: (line) => {
      lines.push(line);
      if (stopAt?.test(line)) stop.abort();
    },
  });
  return { state, lines };
}

const FILES = ['weights', 'optimizer-generator', 'optimizer-discriminator', 'host'].map(
  (name) => `${name}.safetensors`,
);

test.serial(
  'resumed, weights, both optimizers, dropout and the pool are those of a run that was never stopped',
  async (t) => {
    t.true(METHODS.includes(adversarialDepth));
    const options = optionsOf({});
    const { state: whole } = await run('whole', options);
    const { state: stopped } = await run('parts', options, /^step 2: validation/);
    t.is(stopped.step, 2);
    const { state: resumed } = await run('parts', options);
    t.is(resumed.step, 4);
    t.deepEqual(resumed.metrics, whole.metrics);
    t.is(resumed.optimizers.discriminator?.steps, 4);
    const bytes = (name: string, file: string) => readFileSync(path.join(folder, name, 'checkpoint', file));
    for (const file of FILES) t.true(bytes('parts', file).equals(bytes('whole', file)), file);
    // Three pairs of 32x32 with four channels each.
    t.is(whole.host.pool?.samples?.length, 3 * 32 * 32 * 4);
    const log = readFileSync(path.join(folder, 'whole', 'log.csv'), 'utf8');
    t.regex(log, /adversarial,realScore,generatedScore,spread,generator\.loss,generator\.gradientNorm/);
  },
);

test.serial('its model gives metric depth for a picture of any size', async (t) => {
  const options = optionsOf({});
  const { state } = await run('whole', options);
  const model = path.join(folder, 'model');
  await exportRun({
    ...{ method: adversarialDepth, folder: model, overwrite: false, name: 'adversarial', precision: 'F32' },
    ...{ options, state },
  });
  const { manifest } = await loadModel(model);
  t.true(manifest.depth.metric);
  t.is(manifest.input.multiple, 16);
  const { coding, minMeters, maxMeters } = options as RunOptions & Record<string, unknown>;
  const built = { network: 'unet', filters: 2, levels: 4, norm: 'batch', coding, minMeters, maxMeters };
  t.deepEqual(manifest.network, { architecture: 'adversarial-depth', options: built });
  const runner = await ModelRunner.open(model, undefined, 'cpu');
  try {
    const [width, height] = [70, 41];
    const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7) % 256);
    const intrinsics = { fx: 40, fy: 40, cx: 35, cy: 20 };
    const { depth: depthMeters } = await runner.run({ width, height, rgb }, intrinsics);
    t.is(depthMeters.length, width * height);
    t.true(depthMeters.every((depth) => depth > 0));
    t.true(depthMeters.some(Number.isFinite));
  } finally {
    await runner.close();
  }
});

test.serial('the CNN-CRF trains, resumes and is exported as one graph of its own size', async (t) => {
  const options = optionsOf({
    ...{ network: 'crf', cell: 16, patch: 8, unaryFilters: 2, length: { steps: 2 }, batchSize: 1 },
  });
  const { state } = await run('crf', options);
  t.deepEqual(Object.keys(state.optimizers), ['generator', 'discriminator']);
  t.true(state.parameters.has('generator.pairwise.weight'));
  const log = readFileSync(path.join(folder, 'crf', 'log.csv'), 'utf8').split('\n');
  const column = log[0]?.split(',').indexOf('likelihood') ?? -1;
  t.true(Number.isFinite(Number(log[1]?.split(',')[column])), log.join('\n'));
  const model = path.join(folder, 'crf-model');
  const place = {
    method: adversarialDepth,
    folder: model,
    overwrite: false,
    name: 'crf',
    precision: 'F32',
  } as const;
  await t.throwsAsync(exportRun({ ...place, options, state, pixels: 4096 }), { message: /--pixels: a CRF/ });
  await exportRun({ ...place, options, state });
  const runner = await ModelRunner.open(model, undefined, 'cpu');
  try {
    const [width, height] = [70, 41];
    const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7) % 256);
    const { depth } = await runner.run({ width, height, rgb }, { fx: 40, fy: 40, cx: 35, cy: 20 });
    t.is(depth.length, width * height);
    t.true(depth.every((meters) => meters > 0));
  } finally {
    await runner.close();
  }
});

test.serial('without the adversarial term there is no discriminator, and no pool', async (t) => {
  const { state } = await run('alone', optionsOf({ adversarial: false, length: { steps: 2 } }));
  t.true([...state.parameters.keys()].every((name) => name.startsWith('generator.')));
  t.deepEqual(Object.keys(state.optimizers), ['generator']);
  t.false('pool' in state.host);
  t.false(
    readdirSync(path.join(folder, 'alone', 'checkpoint')).includes('optimizer-discriminator.safetensors'),
  );
});

test('options that do not go together are refused before anything is made', (t) => {
  t.throws(() => optionsOf({ width: 40 }), {
    name: 'TrainingError',
    message: /--size: expected multiples of `16` for 4 levels, got 40x32/,
  });
  t.throws(() => optionsOf({ minMeters: 90 }), { message: /--min-meters: expected less than/ });
});

test("the paper's networks have as many parameters as pix2pix's for one output and four inputs", (t) => {
  const { specs } = definitionOf(adversarialDepth, optionsOf({ ...PAPER_SIZE, discriminatorFilters: 64 }));
  const count = (network: string) =>
    specs
      .filter(({ name, trainable }) => trainable && name.startsWith(`${network}.`))
      .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  // Its code prints 54.414 M for three outputs: 54,414,531; each has 4 x 4 x 128 weights and a bias.
  t.is(count('generator'), 54_414_531 - 2 * (4 * 4 * 128 + 1));
  // 4x4 convolutions 4, 64, 128, 256, 512, 1 with a bias each.
  t.is(count('discriminator'), 16 * (4 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512) + 961);
});

test("the presets: the paper's numbers, depths of 10 m indoors", (t) => {
  const {
    width,
    height,
    levels,
    filters,
    learningRate,
    discriminatorRate,
    pool,
    l1Weight,
    length,
    maxMeters,
  } = completeOptions(adversarialDepth, { preset: 'paper', paired: 'nyuv2:X' } as object) as RunOptions &
    Record<string, unknown>;
  t.deepEqual(
    { width, height, levels, filters, learningRate, discriminatorRate, pool, l1Weight, length, maxMeters },
    {
      ...{ width: 256, height: 256, levels: 8, filters: 64, learningRate: 2e-4, discriminatorRate: 4 },
      ...{ pool: 50, l1Weight: 100, length: { epochs: 300 }, maxMeters: 10 },
    },
  );
  t.deepEqual(Object.keys(adversarialDepth.ablation ?? {}), [
    'U-Net',
    'U-Net-Adv.',
    'CNN-CRF',
    'CNN-CRF-Adv.',
  ]);
});
