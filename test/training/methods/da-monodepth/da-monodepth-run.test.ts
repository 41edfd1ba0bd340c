import { cpSync, readFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { loadModel } from '../../../../models/model-store.js';
import { InferenceSession } from '../../../../models/onnxruntime.js';
import { daMonodepth } from '../../../../training/methods/da-monodepth/da-monodepth.js';
import { METHODS } from '../../../../training/methods/methods.js';
import { commandOf, completeOptions } from '../../../../training/runs/complete-options.js';
import { exportRun } from '../../../../training/runs/export-run.js';
import { runMethod } from '../../../../training/runs/run.js';
import { definitionOf } from '../../../../training/runs/run-definition.js';
import type { RunOptions } from '../../../../training/runs/run-options.js';
import type { RunState } from '../../../../training/runs/run-state.js';
import { temporaryFolder } from '../../datasets/samples.js';

const folder = temporaryFolder();
test.after.always(() => rm(folder, { recursive: true, force: true }));

const given = (change: object = {}) =>
  completeOptions(daMonodepth, {
    ...{ preset: 'narrow', width: 64, height: 32, seed: 3, length: { steps: 6 } },
    source: 'simulator:town-clean?samples=3',
    target: 'simulator:town-camera?samples=3&validation=1',
    ...{ sourceBatch: 1, learningRate: 1e-3 },
    ...change,
  } as object);
const OPTIONS = given();

async function run(
  name: string,
  { options = OPTIONS, stopAt, copyAt }: { options?: RunOptions; stopAt?: RegExp; copyAt?: RegExp } = {},
): Promise<RunState> {
  const stop = new AbortController();
  return await runMethod(daMonodepth, {
    ...{ folder: path.join(folder, name), dataFolder: path.join(folder, 'data'), options },
    ...{ threads: 1, every: 3, signal: stop.signal },
    report: (line) => {
      if (stopAt?.test(line)) stop.abort();
      if (copyAt?.test(line))
        cpSync(path.join(folder, name), path.join(folder, 'killed'), {
          recursive: true,
          // Its holder, this process, is not dead.
          filter: (file) => !file.endsWith('.rxdepth.lock'),
        });
    },
  });
}

function log(name: string): Record<string, string>[] {
  const lines = readFileSync(path.join(folder, name, 'log.csv'), 'utf8')
    .trim()
    .split('\n');
  const [header = '', ...rows] = lines;
  const columns = header.split(',');
  return rows.map((row) => {
    const cells = row.split(',').map((cell, i) => [columns[i] ?? '', cell] as const);
    return Object.fromEntries(cells.filter(([column]) => !column.endsWith('Ms')));
  });
}

test.serial('a run that was stopped or killed and resumed is, bit for bit, one that was not', async (t) => {
  t.timeout(600_000);
  t.true(METHODS.includes(daMonodepth));
  const whole = await run('whole', { copyAt: /^step 6\/6/ });
  t.is(whole.step, 6);
  t.is((await run('parts', { stopAt: /^step 3: validation/ })).step, 3);
  await run('parts');
  t.is(log('killed').filter(({ kind }) => kind === 'train').length, 3);
  await run('killed');
  for (const name of ['parts', 'killed']) t.deepEqual(log(name), log('whole'), name);
  for (const file of ['weights.safetensors', 'optimizer-all.safetensors']) {
    const bytes = (name: string) => readFileSync(path.join(folder, name, 'checkpoint', file));
    for (const name of ['parts', 'killed']) t.true(bytes(name).equals(bytes('whole')), `${name}/${file}`);
  }
  t.deepEqual(await readdir(path.join(folder, 'whole', 'panels')), ['step-000003.png', 'step-000006.png']);
});

test.serial(
  'the log tells how well the classifier tells the domains, and how strongly it is reversed',
  (t) => {
    const steps = log('whole').filter(({ kind }) => kind === 'train');
    t.true(steps.every(({ domainAccuracy }) => Number(domainAccuracy) >= 0 && Number(domainAccuracy) <= 1));
    const strengths = steps.map(({ reversal }) => Number(reversal));
    t.is(strengths[0], 0);
    t.true((strengths[5] ?? 0) > 0.999, 'from nothing at the first step to all of it at the last');
    const [validation] = log('whole').filter(({ kind }) => kind === 'validation');
    t.true(Number(validation?.absRel) > 0, 'held-out target images have a truth here, to measure by');
  },
);

test.serial(
  'rows of the ablation train without a semantic decoder and without target images, measured on the same ones',
  async (t) => {
    t.timeout(600_000);
    const rows = Object.entries(daMonodepth.ablation ?? {});
    t.deepEqual(
      rows.map(([name]) => name),
      ['baseline', '+ segmentation', '+ target images'],
    );
    const [, baseline] = rows[0] ?? [];
    const state = await run('baseline', { options: given({ ...baseline, length: { steps: 2 } }) });
    t.deepEqual(
      [...new Set([...state.parameters.keys()].map((name) => name.split('.')[0]))],
      ['encoder', 'shared', 'depth'],
    );
    const train = log('baseline').find(({ kind }) => kind === 'train');
    t.is(train?.domainAccuracy, 'NaN');
    t.true((state.metrics.absRel ?? 0) > 0);
    t.false('meanIou' in state.metrics);
  },
);

test.serial(
  'the model gives metric depth and labels, and is exported without the classifier in its graph',
  async (t) => {
    const state = await run('whole');
    const model = path.join(folder, 'model');
    const description = { method: daMonodepth, folder: model, name: 'test', precision: 'F32' } as const;
    await exportRun({ ...description, options: OPTIONS, state });
    const { manifest } = await loadModel(model);
    t.deepEqual(manifest.depth, {
      kind: 'disparity',
      metric: true,
      minMeters: 1,
      maxMeters: 80,
      farMeters: 72,
    });
    t.is(manifest.network.architecture, 'da-monodepth');
    t.is(manifest.classes.length, 19);
    t.is(manifest.input.canonicalFocalPixels, 0.58 * 64);
    t.is(manifest.provenance.command, commandOf(daMonodepth, OPTIONS));
    t.regex(manifest.provenance.data, /target simulator:town-camera.* without labels/);
    const session = await InferenceSession.create(path.join(model, 'perception.onnx'));
    t.true(['depth', 'labels'].every((name) => session.outputNames.includes(name)));
    await session.release();
    t.false(readFileSync(path.join(model, 'perception.onnx')).includes('domain.0.weight'));
  },
);

test('presets follow the paper, and batches follow each other', (t) => {
  const paper = completeOptions(daMonodepth, { preset: 'paper', source: 'a:b', target: 'c:d' } as object);
  t.like(paper, {
    ...{
      width: 640,
      height: 192,
      length: { epochs: 20 },
      learningRate: 1e-4,
      sourceBatch: 6,
      targetBatch: 6,
    },
    ...{ segmentation: true, targetImages: true },
  });
  t.like(given({ sourceBatch: 3 }), { sourceBatch: 3, targetBatch: 3 });
  const { specs } = definitionOf(daMonodepth, given({ preset: 'efficient' }));
  t.false(
    specs.some(({ name }) => name.startsWith('encoder.layer')),
    'no ResNet',
  );
});
