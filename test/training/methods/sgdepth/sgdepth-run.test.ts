import { cpSync, existsSync, readFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Command } from 'commander';
import { loadModel } from '../../../../models/model-store.js';
import { InferenceSession } from '../../../../models/onnxruntime.js';
import { register } from '../../../../training/cli/export.js';
import { sgdepth } from '../../../../training/methods/sgdepth/sgdepth.js';
import { commandOf, completeOptions } from '../../../../training/runs/complete-options.js';
import { exportRun } from '../../../../training/runs/export-run.js';
import { runMethod } from '../../../../training/runs/run.js';
import type { RunState } from '../../../../training/runs/run-state.js';
import { decodeSafetensors } from '../../../../training/weights/safetensors.js';
import { temporaryFolder } from '../../datasets/samples.js';

const folder = temporaryFolder();
test.after.always(() => rm(folder, { recursive: true, force: true }));

/** Two triplets, one a step: a new epoch, and so a new threshold, begins after every second step. */
const OPTIONS = completeOptions(sgdepth, {
  ...{ preset: 'narrow', width: 64, height: 32, seed: 3, dataSeed: 1, length: { steps: 6 } },
  target: 'simulator:town-clean?drives=1&frames=4&validation=1',
  source: 'simulator:town-clean?samples=3',
  ...{ targetBatch: 1, sourceBatch: 1, learningRate: 1e-3, segmentationGradient: 0.1 },
  ...{ masking: 0.5, autoMask: true, overlap: 'mean' },
} as object);

/** Trains in `name`; stops when a line of progress matches `stopAt`, copies the folder to `copied` when one matches `copyAt`. */
async function run(
  name: string,
  { stopAt, copyAt }: { stopAt?: RegExp; copyAt?: RegExp } = {},
): Promise<{ state: RunState; lines: string[] }> {
  const stop = new AbortController();
  const lines: string[] = [];
  const state = await runMethod(sgdepth, {
    folder: path.join(folder, name),
    dataFolder: path.join(folder, 'data'),
    options: OPTIONS,
    ...{ threads: 1, every: 3, signal: stop.signal },
    report: (line) => {
      lines.push(line);
      if (stopAt?.test(line)) stop.abort();
      if (copyAt?.test(line))
        cpSync(path.join(folder, name), path.join(folder, 'killed'), {
          recursive: true,
          // Its holder, this process, is not dead.
          filter: (file) => !file.endsWith('.rxdepth.lock'),
        });
    },
  });
  return { state, lines };
}

const losses = (name: string) =>
  readFileSync(path.join(folder, name, 'log.csv'), 'utf8')
    .split('\n')
    .filter((line) => line.includes(',train,'))
    .map((line) => line.split(',').slice(0, 10));

test.serial(
  'a run that was stopped within an epoch, or killed, and resumed has the losses, masks and weights of one that was not',
  async (t) => {
    // What is on the disk when step 6 is taken and its checkpoint is not yet written: all that a kill leaves.
    const { state: whole } = await run('whole', { copyAt: /^step 6\/6/ });
    t.is(whole.step, 6);
    const { state: stopped } = await run('parts', { stopAt: /^step 3: validation/ });
    t.is(stopped.step, 3);
    const { state: resumed } = await run('parts');
    t.is(resumed.step, 6);
    t.is(losses('killed').length, 3);
    const { state: revived } = await run('killed');
    for (const name of ['parts', 'killed']) t.deepEqual(losses(name), losses('whole'), name);
    for (const { host } of [resumed, revived]) t.deepEqual(host, whole.host);
    const overlaps = [...(whole.host.overlaps?.overlaps ?? [])];
    t.is(overlaps.length, 2);
    t.true(overlaps.every((overlap) => overlap >= 0 && overlap <= 1));
    t.deepEqual(resumed.metrics, whole.metrics);
    t.true((whole.metrics.absRel ?? 0) > 0);
    for (const file of ['weights.safetensors', 'optimizer-all.safetensors', 'host.safetensors']) {
      const bytes = (name: string) => readFileSync(path.join(folder, name, 'checkpoint', file));
      for (const name of ['parts', 'killed']) t.true(bytes(name).equals(bytes('whole')), `${name}/${file}`);
    }
    t.deepEqual(await readdir(path.join(folder, 'parts', 'panels')), [
      'step-000000.png',
      'step-000003.png',
      'step-000006.png',
    ]);
    await exportsAModel(t, whole);
  },
);

/** The run's model loads, with a pose network, and says what its depth is and how it was made. */
async function exportsAModel(t: ExecutionContext, state: RunState): Promise<void> {
  const model = path.join(folder, 'model');
  await exportRun({
    method: sgdepth,
    ...{ folder: model, name: 'test', precision: 'F32' },
    options: OPTIONS,
    state,
  });
  const { manifest } = await loadModel(model);
  t.false(manifest.depth.metric, 'one camera alone knows no metres');
  t.is(manifest.input.pixels, 64 * 32);
  t.true((manifest.input.canonicalFocalPixels ?? 0) > 0);
  t.is(manifest.classes.length, 19);
  t.is(manifest.provenance.steps, 6);
  t.is(manifest.provenance.command, commandOf(sgdepth, OPTIONS));
  const session = await InferenceSession.create(path.join(model, 'perception.onnx'));
  t.true(['depth', 'labels'].every((name) => session.outputNames.includes(name)));
  await session.release();
  await exportsByCommand(t, model);
}

/** `rxdepth export` of the run writes the same model, and says why it takes no other size. */
async function exportsByCommand(t: ExecutionContext, model: string): Promise<void> {
  const exported = (...flags: string[]) => {
    const program = new Command();
    register(program);
    const args = ['export', path.join(folder, 'whole'), '-o', path.join(folder, 'by-command'), ...flags];
    return program.parseAsync(args, { from: 'user' });
  };
  await t.throwsAsync(exported('--pixels', '4096'), { message: /--pixels: .*`rxdepth train sgdepth`/ });
  await exported();
  const tensors = (name: string) =>
    [...decodeSafetensors(readFileSync(path.join(name, 'weights.safetensors')), name).tensors].sort(
      ([a], [b]) => (a < b ? -1 : 1),
    );
  t.deepEqual(tensors(path.join(folder, 'by-command')), tensors(model));
}

test.serial('stopping while drives are rendered ends there: nothing is trained', async (t) => {
  await rm(path.join(folder, 'data'), { recursive: true });
  const { state, lines } = await run('early', { stopAt: /training drives/ });
  t.is(state.step, 0);
  t.regex(lines.at(-1) ?? '', /not trained yet; the data made so far are kept in .*data/);
  t.false(existsSync(path.join(folder, 'early', 'checkpoint')));
});
