import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { sgdepth } from '../../../training/methods/sgdepth/sgdepth.js';
import {
  SGDEPTH_RUN_OPTIONS,
  type SgdepthRunOptions,
} from '../../../training/methods/sgdepth/sgdepth-options.js';
import { supervised } from '../../../training/methods/supervised/supervised.js';
import {
  SUPERVISED_OPTIONS,
  type SupervisedOptions,
} from '../../../training/methods/supervised/supervised-options.js';
import { compareOptions } from '../../../training/runs/compare-options.js';
import { parseOptions } from '../../../training/runs/complete-options.js';
import { flagNames } from '../../../training/runs/option.js';
import { runMethod } from '../../../training/runs/run.js';
import { checkResume, holdRunFolder, openRunFolder, RUN_FLAGS } from '../../../training/runs/run-folder.js';
import { temporaryFolder } from '../datasets/samples.js';

const SUPERVISED_FLAGS = { flags: { ...flagNames(SUPERVISED_OPTIONS), ...RUN_FLAGS } };
const SGDEPTH_FLAGS = { flags: { ...flagNames(SGDEPTH_RUN_OPTIONS), ...RUN_FLAGS } };
const parseRunOptions = (value: unknown, source: string): SupervisedOptions =>
  parseOptions<SupervisedOptions>(supervised as never, value, source);
const parseSgdepthRunOptions = (value: unknown, source: string): SgdepthRunOptions =>
  parseOptions<SgdepthRunOptions>(sgdepth as never, value, source);

const root = temporaryFolder();
/** A run that starts from nothing. */
const nothing = async () => {};

test('options are kept only once what the run starts from was found to fit', async (t) => {
  const folder = path.join(temporaryFolder(), 'run');
  t.teardown(() => rm(path.dirname(folder), { recursive: true }));
  const run = { folder, options: SUPERVISED, parse: parseRunOptions, ...SUPERVISED_FLAGS };
  const refusal = new Error('less than all of an encoder');
  await t.throwsAsync(
    openRunFolder(run, () => Promise.reject(refusal)),
    { is: refusal },
  );
  t.false(existsSync(path.join(folder, 'options.json')));
  t.is(await openRunFolder(run, async () => 7), 7);
  t.true(existsSync(path.join(folder, 'options.json')));
});

test.after.always(() => rm(root, { recursive: true, force: true }));

const SUPERVISED: Required<SupervisedOptions> = {
  ...{ domain: 'wide', parent: 'first', seed: 1, samples: 10, validation: 2 },
  ...{ sampleWidth: 64, sampleHeight: 32, batchSize: 2, accumulate: 3, learningRate: 1e-3 },
  ...{ stages: [{ width: 64, height: 32, steps: 5, second: { width: 32, height: 32 } }] },
  ...{
    weightDecay: 1e-4,
    segmentationWeight: 0.1,
    preset: 'compact',
    augmentation: 'none',
    compute: 'mixed',
    learn: 'all',
    confidence: true,
  },
  ...{ encoder: { file: 'a.pth', sha256: '0'.repeat(64) }, encoderRate: 0.5, parentParts: ['depth'] },
};
const CHANGED: Required<SupervisedOptions> = {
  ...{ domain: 'town-clean', parent: 'second', seed: 2, samples: 11, validation: 3 },
  ...{ sampleWidth: 96, sampleHeight: 64, batchSize: 4, accumulate: 1, learningRate: 2e-3 },
  ...{ stages: [{ width: 64, height: 32, steps: 5, second: { width: 32, height: 64 } }] },
  ...{ weightDecay: 0, segmentationWeight: 0.2, preset: 'paper', augmentation: 'strong', compute: 'mixed' },
  ...{ learn: 'confidence', confidence: false },
  ...{ encoder: { file: 'a.pth', sha256: '1'.repeat(64) }, encoderRate: 1, parentParts: ['encoder'] },
};

const SGDEPTH: Required<SgdepthRunOptions> = {
  ...{ preset: 'narrow', width: 64, height: 32, target: 'bag:a', source: 'simulator:wide', parent: 'first' },
  ...{ parentParts: ['encoder'], seed: 1, dataSeed: 1, length: { steps: 6 }, targetBatch: 1, sourceBatch: 1 },
  ...{ accumulate: 2, learningRate: 1e-3, segmentationGradient: 0.1, masking: 0.5, autoMask: true },
  ...{ overlap: 'mean', compute: 'mixed', encoder: { file: 'a.pth', sha256: '0'.repeat(64) } },
  ...{ clipNorm: 10, crossEntropy: 'labelled', disparityBias: 0, firstConvolution: 'own' },
  ...{ poseOutput: 'scaled', colorChange: 'matrix' },
};
const SGDEPTH_CHANGED: Required<SgdepthRunOptions> = {
  ...{ preset: 'compact', width: 96, height: 64, target: 'bag:b', source: 'simulator:town-clean' },
  ...{ parent: 'second', parentParts: ['depth'], seed: 2, dataSeed: 2, length: { epochs: 6 } },
  ...{ targetBatch: 2, sourceBatch: 2, accumulate: 1, learningRate: 2e-3, segmentationGradient: null },
  ...{ masking: 'all', autoMask: false, overlap: 'joint', compute: 'mixed' },
  encoder: { file: 'a.pth', sha256: '1'.repeat(64) },
  ...{ clipNorm: null, crossEntropy: 'all', disparityBias: 5, firstConvolution: 'shared' },
  ...{ poseOutput: 'unscaled', colorChange: 'jitter' },
};

/** A run that has a checkpoint and these options. */
function begun(name: string, options: object): string {
  const folder = path.join(root, name);
  mkdirSync(path.join(folder, 'checkpoint'), { recursive: true });
  writeFileSync(path.join(folder, 'options.json'), JSON.stringify(options));
  return folder;
}

for (const name of Object.keys(SUPERVISED) as (keyof SupervisedOptions)[]) {
  test(`a supervised run that was begun is not gone on with another ${name}`, async (t) => {
    const { [name]: _, ...without } = SUPERVISED;
    // All but `mixed` is left out: there is no other value of it.
    const asked = name === 'compute' ? without : { ...SUPERVISED, [name]: CHANGED[name] };
    const folder = begun(`supervised-${name}`, SUPERVISED);
    const before = readFileSync(path.join(folder, 'options.json'), 'utf8');
    const options = parseRunOptions(asked, 'test');
    const error = await t.throwsAsync(
      openRunFolder({ folder, options, parse: parseRunOptions, ...SUPERVISED_FLAGS }, nothing),
      { name: 'TrainingError', message: /was begun with other options: --[a-z-]+ .*, not / },
    );
    t.is(error?.message.split('; ').length, 1, 'nothing else is named');
    t.is(readFileSync(path.join(folder, 'options.json'), 'utf8'), before);
    t.deepEqual(readdirSync(folder).sort(), ['checkpoint', 'options.json']);
  });
}

for (const name of Object.keys(SGDEPTH) as (keyof SgdepthRunOptions)[]) {
  test(`a run of SGDepth that was begun is not gone on with another ${name}`, async (t) => {
    const { [name]: _, ...without } = SGDEPTH;
    const asked = name === 'compute' ? without : { ...SGDEPTH, [name]: SGDEPTH_CHANGED[name] };
    const folder = begun(`sgdepth-${name}`, SGDEPTH);
    const options = parseSgdepthRunOptions(asked, 'test');
    await t.throwsAsync(
      openRunFolder({ folder, options, parse: parseSgdepthRunOptions, ...SGDEPTH_FLAGS }, nothing),
      {
        name: 'TrainingError',
        message: /was begun with other options: --[a-z-]+.* not /,
      },
    );
    t.deepEqual(JSON.parse(readFileSync(path.join(folder, 'options.json'), 'utf8')), SGDEPTH);
  });
}

test('differences are named as on the command line, with both values', (t) => {
  const changed = { ...SUPERVISED, batchSize: 4, sampleWidth: 96, learningRate: 0.5 };
  t.deepEqual(compareOptions(SUPERVISED, changed, SUPERVISED_FLAGS), [
    '--sample-size 64, not 96',
    '--batch 2, not 4',
    '--learning-rate 0.001, not 0.5',
  ]);
});

test('an option that is left out is the same as its default, and nothing is written again', async (t) => {
  const { accumulate: _a, augmentation: _b, ...rest } = SUPERVISED;
  const folder = begun('defaults', { ...rest, accumulate: 1, augmentation: 'strong' });
  const { mtimeNs } = statSync(path.join(folder, 'options.json'), { bigint: true });
  await openRunFolder(
    {
      folder,
      options: parseRunOptions(rest, 'test'),
      parse: parseRunOptions,
      ...SUPERVISED_FLAGS,
    },
    nothing,
  );
  t.is(statSync(path.join(folder, 'options.json'), { bigint: true }).mtimeNs, mtimeNs);
});

test('a run of another method is refused', async (t) => {
  const folder = begun('other', SGDEPTH);
  await t.throwsAsync(
    openRunFolder({ folder, options: SUPERVISED, parse: parseRunOptions, ...SUPERVISED_FLAGS }, nothing),
    { name: 'TrainingError', message: /options\.json/ },
  );
});

for (const taken of ['log.csv', 'model', 'panels', 'checkpoint']) {
  test(`a folder with somebody else's ${taken} is refused and left alone`, async (t) => {
    const folder = path.join(root, `foreign-${taken}`);
    mkdirSync(folder);
    writeFileSync(path.join(folder, taken), 'mine');
    await t.throwsAsync(
      openRunFolder({ folder, options: SUPERVISED, parse: parseRunOptions, ...SUPERVISED_FLAGS }, nothing),
      { name: 'TrainingError', message: new RegExp(`is no run folder .*\`${taken}\` is there`) },
    );
    t.is(readFileSync(path.join(folder, taken), 'utf8'), 'mine');
    t.deepEqual(readdirSync(folder), [taken]);
  });
}

test('one process trains in a folder at a time; another is told who does', async (t) => {
  const folder = begun('held', SUPERVISED);
  const run = {
    ...{ folder, dataFolder: root, options: parseRunOptions(SUPERVISED, 'test'), threads: 1, every: 1 },
    ...{ signal: new AbortController().signal, report: () => {} },
  };
  const before = readFileSync(path.join(folder, 'options.json'), 'utf8');
  const lock = await holdRunFolder(folder);
  await t.throwsAsync(runMethod(supervised, run), {
    name: 'LockedError',
    message: new RegExp(
      `^the run .*held: process ${process.pid} on .* is at work there .* wait until it is done`,
    ),
  });
  await lock.release();
  // Refused for its empty checkpoint now, and let go again.
  await t.throwsAsync(runMethod(supervised, run), { name: 'TrainingError' });
  t.deepEqual(readdirSync(folder).sort(), ['checkpoint', 'options.json']);
  t.is(readFileSync(path.join(folder, 'options.json'), 'utf8'), before);
});

test('a folder that is not of a run gets no lock', async (t) => {
  const folder = path.join(root, 'unheld');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'log.csv'), 'mine');
  await t.throwsAsync(holdRunFolder(folder), { name: 'TrainingError', message: /is no run folder/ });
  t.deepEqual(readdirSync(folder), ['log.csv']);
});

test("somebody else's options.json is refused and left alone", async (t) => {
  const folder = path.join(root, 'foreign-options');
  mkdirSync(folder);
  for (const text of ['{"mine":1}', 'no JSON']) {
    writeFileSync(path.join(folder, 'options.json'), text);
    await t.throwsAsync(
      openRunFolder({ folder, options: SUPERVISED, parse: parseRunOptions, ...SUPERVISED_FLAGS }, nothing),
      { name: 'TrainingError', message: /options\.json/ },
    );
    t.is(readFileSync(path.join(folder, 'options.json'), 'utf8'), text);
  }
});

test('--resume needs a run that is there, a run that is there needs --resume', (t) => {
  const folder = path.join(root, 'none');
  t.throws(() => checkResume(folder, true), { message: /nothing to go on from/ });
  t.notThrows(() => checkResume(folder, false));
  t.false(existsSync(folder));
  const other = begun('there', SUPERVISED);
  t.throws(() => checkResume(other, false), { message: /add --resume/ });
  t.notThrows(() => checkResume(other, true));
});
