import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { TruthTeacher } from '../../../bench/teaching/truth-teacher.js';
import { loadModel, shippedModel } from '../../../models/model-store.js';
import { VersionStore } from '../../../models/versions/version-store.js';
import { ProcessLock } from '../../../msgs/files/process-lock.js';
import { adaptationMethod } from '../../../training/adaptation/adaptation-methods.js';
import { ADAPTATION_SETTINGS } from '../../../training/adaptation/adaptation-settings.js';
import { type RunAdaptationOptions, runAdaptation } from '../../../training/adaptation/run-adaptation.js';
import { openWorkFolder } from '../../../training/adaptation/work-folder.js';
import { domainNamed } from '../../../training/simulator/domains.js';
import { simulateDrive } from '../../../training/simulator/drive.js';
import { DriveRecorder } from '../../../training/simulator/drive-recorder.js';
import type { SimulatedFrame } from '../../../training/simulator/frame.js';
import { TINY_ENCODER, TINY_HEIGHT, TINY_WIDTH, writeTinyModel } from './tiny-model.js';

const test = anyTest as TestFn<{ root: string; store: VersionStore; lines: string[] }>;

let frames: SimulatedFrame[] = [];

test.before(() => {
  const size = { width: TINY_WIDTH, height: TINY_HEIGHT };
  frames = [
    ...simulateDrive({ domain: domainNamed('town-camera'), seed: 101, frames: 50, frameRate: 10, ...size }),
  ];
});

test.beforeEach(async (t) => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-adapt-'));
  const shipped = path.join(root, 'shipped');
  await writeTinyModel(shipped);
  t.context = { root, store: new VersionStore({ home: path.join(root, 'home'), shipped }), lines: [] };
});

test.afterEach.always((t) => rm(t.context.root, { recursive: true }));

async function record(folder: string, drive: readonly SimulatedFrame[]): Promise<string> {
  const recorder = await DriveRecorder.create(folder, { overwrite: false, startNs: 1_000_000_000n });
  for (const frame of drive) await recorder.write(frame);
  await recorder.close();
  return folder;
}

function options(
  bag: string,
  lines: string[],
  more: Partial<RunAdaptationOptions> = {},
): RunAdaptationOptions {
  return {
    ...{ bags: [bag], names: {}, model: undefined, judgeOnly: false, promote: true, out: undefined },
    ...{ minutes: 60, steps: 2, mostFrames: 200, command: 'test', threads: 1 },
    settings: { ...ADAPTATION_SETTINGS, samples: { rehearsed: 3, judged: 2 }, refreshAt: [0.4] },
    signal: new AbortController().signal,
    report: (line) => lines.push(line),
    ...more,
  };
}

/** Frames of a drive in which every picture is made from the frame by `change`. */
const drive = (change: (frame: SimulatedFrame, i: number) => Partial<SimulatedFrame>) =>
  frames.slice(0, 20).map((frame, i) => ({ ...frame, ...change(frame, i) }));

/** A camera that stands: only the noise changes. */
function standing(): SimulatedFrame[] {
  const noise = (value: number, i: number, k: number) => value + ((i * 7919 + k * 104_729) % 13) - 6;
  return drive((_, k) => ({
    rgb: frames[0].rgb.map((value, i) => Math.max(0, Math.min(255, noise(value, i, k)))),
  }));
}

test('drives with nothing to learn from are refused with the reason, and the current model is untouched', async (t) => {
  const { root, store, lines } = t.context;
  const drives: Record<string, [SimulatedFrame[], RegExp]> = {
    still: [standing(), /^the camera hardly moves/],
    looped: [drive(() => ({ rgb: frames[0].rgb })), /^the picture is the same again and again/],
    black: [drive(({ rgb }) => ({ rgb: rgb.map(() => 0) })), /^the picture shows nothing/],
    short: [frames.slice(0, 2), /^too short: 2 pictures/],
  };
  for (const [name, [recorded, reason]] of Object.entries(drives)) {
    const bag = await record(path.join(root, name), recorded);
    const result = await runAdaptation(options(bag, lines), store);
    t.is(result.outcome, 'refused', name);
    t.regex(result.reasons[0], reason);
    t.regex(result.text, /tiny\/0 stays as it is/);
  }
  t.deepEqual(await store.current(), { name: 'tiny', version: 0 });
  t.is((await store.list()).versions.length, 1);
});

test('a standing drive that self-supervision refuses is learned from picture by picture, and is no proof of anything', async (t) => {
  const { root, store, lines } = t.context;
  const bag = await record(path.join(root, 'still'), standing());
  const refused = await runAdaptation(options(bag, lines), store);
  t.is(refused.outcome, 'refused');
  t.regex(refused.text, /`--method da-monodepth` would learn from its pictures alone/);
  const method = adaptationMethod('da-monodepth');
  const result = await runAdaptation(options(bag, lines, { method }), store);
  t.true(['undecided', 'rejected'].includes(result.outcome), result.text);
  t.is(result.steps, 2);
  t.regex(lines.join('\n'), /13 pictures to learn from, 7 to judge by|pictures to learn from/);
  const checks = result.judge?.checks ?? [];
  const evidence = checks.find(({ name }) => name === 'enough evidence');
  t.is(evidence?.answer, 'open');
  t.regex(
    evidence?.finding ?? '',
    /does not move.*expected a LiDAR that measures at least `8` of them, got 0/,
  );
  t.true((result.judge?.pictures?.pictures ?? 0) > 0);
  const folder = result.folder ?? '';
  const { manifest } = await loadModel(path.join(folder, 'candidate'));
  t.is(manifest.provenance.method, 'adapted (DA-Monodepth)');
  const weights = await readFile(path.join(folder, 'candidate', 'weights.safetensors'));
  t.false(weights.includes('domain.0.weight'), 'the classifier is not kept');
  const log = await readFile(path.join(folder, 'log.csv'), 'utf8');
  t.regex(log, /^step,kind,loss,depth,segmentation,adversarial,domainAccuracy/);
  t.true(existsSync(path.join(folder, 'panels', 'before-after.png')));
  for (const name of ['picture', 'before', 'after'])
    t.true(existsSync(path.join(folder, 'panels', `1-${name}.png`)), name);
  t.deepEqual(await store.current(), { name: 'tiny', version: 0 });

  for (const [name, recorded] of [
    ['black', drive(({ rgb }) => ({ rgb: rgb.map(() => 0) }))],
    ['looped', drive(() => ({ rgb: frames[0].rgb }))],
  ] as const) {
    const other = await runAdaptation(
      options(await record(path.join(root, name), recorded), lines, { method }),
      store,
    );
    t.is(other.outcome, 'refused', name);
    t.regex(
      other.text,
      /too little to see: 20 pictures, (20|19) of them show nothing or repeat the one before/,
    );
  }
});

test('labels are learned picture by picture, and nobody who sees only road gains by it', async (t) => {
  const { root, store, lines } = t.context;
  const bag = await record(path.join(root, 'drive'), frames.slice(0, 24));
  const method = adaptationMethod('dada');
  const result = await runAdaptation(options(bag, lines, { method }), store);
  t.true(['undecided', 'rejected'].includes(result.outcome), result.text);
  t.is(result.steps, 2);
  t.true((result.judge?.labels?.pictures ?? 0) > 0);
  t.true(result.judge?.checks.some(({ name }) => name === 'enough evidence for labels'));
  const folder = result.folder ?? '';
  const { manifest } = await loadModel(path.join(folder, 'candidate'));
  t.is(manifest.provenance.method, 'adapted (DADA)');
  const weights = await readFile(path.join(folder, 'candidate', 'weights.safetensors'));
  t.false(weights.includes('discriminator.0.weight'), 'the discriminator is not kept');
  const log = await readFile(path.join(folder, 'log.csv'), 'utf8');
  t.regex(log, /^step,kind,loss,segmentation,views,adversarial,surprisal,discriminatorSource/);
  t.regex(lines.join('\n'), /labels agree .* points more at a glance/);
  t.deepEqual(await store.current(), { name: 'tiny', version: 0 });
});

test('a drive that moves is judged as always, whichever method learned from it', async (t) => {
  const { root, store, lines } = t.context;
  const bag = await record(path.join(root, 'drive'), frames.slice(0, 30));
  const method = adaptationMethod('da-monodepth');
  const result = await runAdaptation(options(bag, lines, { method }), store);
  t.true(['undecided', 'rejected'].includes(result.outcome), result.text);
  t.true((result.judge?.drive.valid ?? 0) > 0, 'triplets are looked at where there are any');
});

test('several methods learn one after another, each from what the one before it learned', async (t) => {
  const { root, store, lines } = t.context;
  const method = adaptationMethod('sgdepth,da-monodepth');
  const bag = await record(path.join(root, 'drive'), frames.slice(0, 30));
  const result = await runAdaptation(options(bag, lines, { method, steps: 3 }), store);
  t.true(['undecided', 'rejected'].includes(result.outcome), result.text);
  const folder = result.folder ?? '';
  const { manifest } = await loadModel(path.join(folder, 'candidate'));
  const { method: how, parent, steps } = manifest.provenance;
  t.is(parent, 'tiny/0', 'what the first method made is no version');
  if (steps > 1) t.is(how, 'adapted (SGDepth), adapted (DA-Monodepth)');
  const rowsOf = async (file: string) =>
    (await readFile(path.join(folder, file), 'utf8')).trim().split('\n').length - 1;
  t.is(await rowsOf('log-sgdepth.csv'), 1);
  t.is(await rowsOf('log-da-monodepth.csv'), 2);
  const { contenders } = JSON.parse(await readFile(path.join(folder, 'contenders.json'), 'utf8'));
  const all = new Set(contenders.map((each: { steps: number }) => each.steps));
  t.deepEqual([...all].sort(), [1, 2, 3], 'steps count on');
});

test('a teacher is learned from beside the drive, is named, and promotes nothing by itself', async (t) => {
  const { root, store, lines } = t.context;
  const drive = frames.slice(0, 30);
  const bag = await record(path.join(root, 'drive'), drive);
  const teacher = new TruthTeacher('truth', drive, { labels: true });
  const out = path.join(root, 'out');
  const result = await runAdaptation(options(bag, lines, { teachers: [teacher], out }), store);
  t.true(['undecided', 'rejected'].includes(result.outcome), result.text);
  t.true((result.steps ?? 0) > 0);
  t.true(teacher.looks > 10);
  t.regex(lines.join('\n'), /lessons: depth in [1-9]\d* of \d+ pictures/);
  const { manifest } = await loadModel(path.join(out, 'candidate'));
  t.regex(manifest.provenance.data, /^drives drive; teacher truth; simulator, domain town-clean$/);
  t.true(existsSync(path.join(out, 'teachers')), 'what it said stays');
  t.false(existsSync(path.join(out, 'frames')), 'the lessons go');
  const work = await openWorkFolder(out, { overwrite: true });
  t.deepEqual(
    (await readdir(out)).sort(),
    ['adaptation.json', 'teachers'],
    'also when the folder is used again',
  );
  t.is((await readdir(work.teachers)).length, 1);
});

test('a teacher that cannot be used is refused before anything is looked at or replaced', async (t) => {
  const { root, store, lines } = t.context;
  const out = path.join(root, 'out');
  const bag = path.join(root, 'no bag');
  const refused = async (more: Partial<RunAdaptationOptions>, message: RegExp) => {
    await t.throwsAsync(runAdaptation(options(bag, lines, { out, ...more }), store), { message });
  };
  await refused({ teachers: [path.join(root, 'nobody')] }, /nobody/);
  await refused({ teachers: ['self@9'] }, /--teacher self@SIZE: expected a size of `1 to 4`.*got `9`/);
  await refused({ teachers: ['self@'] }, /--teacher self@SIZE/);
  await refused({ teachers: ['self', 'self'] }, /--teacher: expected each teacher once, got `self` twice/);
  await refused({ teachers: ['self'], judgeOnly: true }, /--teacher: with --judge-only nothing is learned/);
  await refused(
    { teachers: ['self'], method: adaptationMethod('da-monodepth') },
    /--teacher: .*`--method sgdepth` or `--method sgdepth,da-monodepth` would/,
  );
  t.false(existsSync(out));
});

test('an imported model is refused at once, with what can be done instead', async (t) => {
  const { root, store, lines } = t.context;
  const file = path.join(root, 'shipped', 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...manifest, network: { architecture: 'onnx', options: {} } }));
  await t.throwsAsync(runAdaptation(options(path.join(root, 'no such drive'), lines), store), {
    message: /imported from ONNX: .* cannot be trained here\. .*`--judge-only`.*`--teacher`/,
  });
  t.false(existsSync(path.join(root, 'home', '.adaptations')));
});

test('a model to be judged that is none is refused before anything is written', async (t) => {
  const { root, store, lines } = t.context;
  const [out, model] = [path.join(root, 'out'), path.join(root, 'no model')];
  const bag = await record(path.join(root, 'drive'), frames.slice(0, 4));
  await t.throwsAsync(runAdaptation(options(bag, lines, { judgeOnly: true, model, out }), store), {
    message: /no model is not a model folder/,
  });
  t.false(existsSync(out));
});

test('broken intrinsics are refused before anything is looked at', async (t) => {
  const { root, store, lines } = t.context;
  const broken = drive(({ intrinsics }) => ({ intrinsics: { ...intrinsics, fx: 0.5, fy: 0.5 } }));
  const bag = await record(path.join(root, 'broken'), broken);
  await t.throwsAsync(runAdaptation(options(bag, lines), store), {
    name: 'MessageError',
    message: /fx 0\.5.*a view of 179 degrees.*calibrate the camera/,
  });
});

test('an adaptation leaves candidate, verdict, log and pictures; what is not better is not promoted', async (t) => {
  const { root, store, lines } = t.context;
  const bag = await record(path.join(root, 'drive'), frames);
  const result = await runAdaptation(options(bag, lines), store);
  t.true(['rejected', 'undecided'].includes(result.outcome), result.text);
  t.is(result.steps, 2);
  const folder = result.folder ?? '';
  const { manifest } = await loadModel(path.join(folder, 'candidate'));
  t.is(manifest.provenance.parent, 'tiny/0');
  t.deepEqual(manifest.provenance.encoder, TINY_ENCODER);
  t.is(manifest.provenance.method, 'adapted (SGDepth)');
  t.regex(manifest.provenance.data, /^drives drive; simulator, domain town-clean$/);
  const judged = JSON.parse(await readFile(path.join(folder, 'candidate', 'judge.json'), 'utf8'));
  t.is(judged.verdict, result.outcome);
  t.true(judged.drive.valid > 0 && Number.isFinite(judged.drive.gain.low) && judged.source.samples === 2);
  const log = await readFile(path.join(folder, 'log.csv'), 'utf8');
  t.regex(log, /^step,kind,loss,depth.*\n1,train,.*\n2,train,/);
  const [names, ...steps] = log.trim().split('\n');
  const column = names.split(',').indexOf('learningRate');
  const rates = steps.map((step) => Number(step.split(',')[column]));
  t.true(Math.max(...rates) > 0 && Math.max(...rates) <= ADAPTATION_SETTINGS.learningRate, rates.join());
  t.true(existsSync(path.join(folder, 'panels', 'before-after.png')));
  const { chosen, contenders } = JSON.parse(await readFile(path.join(folder, 'contenders.json'), 'utf8'));
  t.deepEqual(contenders.map(({ steps, share }: { steps: number; share: number }) => [steps, share]).sort(), [
    [1, 1],
    [2, 0.25],
    [2, 0.5],
    [2, 1],
    [2, 1], // the mean of both, and the end
  ]);
  t.true(
    contenders.every(({ reasons }: { reasons: string[] }) => reasons.length > 0),
    'each has its reason',
  );
  t.true(
    contenders.some(
      ({ name, verdict }: { name: string; verdict: string }) => name === chosen && verdict === result.outcome,
    ),
  );
  t.true(existsSync(path.join(store.home, '.guards', '000001', 'guard.json')), 'the drive guards later ones');
  t.false(existsSync(path.join(folder, 'frames')), 'the frames are gone');
  t.deepEqual(await store.current(), { name: 'tiny', version: 0 });

  const again = await runAdaptation(
    options(bag, lines, { judgeOnly: true, model: path.join(folder, 'candidate') }),
    store,
  );
  t.deepEqual(again.judge?.drive, judged.drive, 'the same inputs give the same verdict');
});

test('a model that computes in 8 bits is judged against the current one as that runs: here it is the same', async (t) => {
  const { root, lines } = t.context;
  const store = new VersionStore({ home: path.join(root, 'home'), shipped: shippedModel() });
  t.truthy((await loadModel(shippedModel())).manifest.quantization);
  const bag = await record(path.join(root, 'drive'), frames.slice(0, 30));
  const result = await runAdaptation(options(bag, lines, { judgeOnly: true, model: shippedModel() }), store);
  const found = (wanted: string) => result.judge?.checks.find(({ name }) => name === wanted)?.finding ?? '';
  t.regex(found('source depth kept'), / 0\.00 % \(95 % 0\.00 % to 0\.00 %\)/);
  t.regex(found('source classes kept'), /points lost 0\.00 % /);
  t.false(existsSync(path.join(result.folder ?? '', 'float-parent')));
});

test('another drive guards: it is judged by, by its name, and one in which nothing moves is refused', async (t) => {
  const { root, store, lines } = t.context;
  const bag = await record(path.join(root, 'drive'), frames);
  const guard = await record(path.join(root, 'monday'), frames.slice(4, 22));
  const other = await record(path.join(root, 'tuesday'), frames.slice(24, 38));
  const result = await runAdaptation(options(bag, lines, { guards: [guard, other] }), store);
  t.deepEqual(
    result.judge?.guards.map(({ name }) => name),
    ['monday', 'tuesday'],
  );
  const counted = result.judge?.guards.reduce((sum, { drive: { triplets } }) => sum + triplets, 0);
  t.is(result.judge?.guardsTogether?.triplets, counted);
  t.true((result.judge?.guards[0].drive.triplets ?? 0) > 0);
  t.true(result.judge?.checks.some(({ name }) => name === 'finite on monday'));
  const still = await record(
    path.join(root, 'still'),
    drive(() => ({ rgb: frames[0].rgb })),
  );
  await t.throwsAsync(runAdaptation(options(bag, lines, { guards: [still] }), store), {
    name: 'TrainingError',
    message: /--guard .*still: expected a drive in which the camera moves/,
  });
  await t.throwsAsync(runAdaptation(options(bag, lines, { guards: [bag] }), store), {
    name: 'TrainingError',
    message: /--guard .*drive: expected another drive, this one is learned from/,
  });
});

test('what a killed run left behind is removed by the next one, and two do not run at once', async (t) => {
  const { root, store, lines } = t.context;
  const left = path.join(store.home, '.adaptations', '20200101T000000Z-1');
  await mkdir(path.join(left, 'frames'), { recursive: true });
  await writeFile(path.join(left, 'frames', 'samples.bin'), 'x');
  await writeFile(path.join(left, 'log.csv'), 'step');
  const bag = await record(path.join(root, 'short'), frames.slice(0, 2));
  const runs = await Promise.allSettled([1, 2].map(() => runAdaptation(options(bag, lines), store)));
  const [refused, ...others] = runs.flatMap((run) => (run.status === 'rejected' ? [run.reason] : []));
  t.is(others.length, 0);
  t.is(refused?.name, 'LockedError');
  t.regex(refused?.message, new RegExp(`process ${process.pid}`));
  t.deepEqual(await readdir(left), ['log.csv']);
});

test('what is wrong with the drives is told at once, also while another process adapts', async (t) => {
  const { root, store, lines } = t.context;
  await mkdir(store.home, { recursive: true });
  const lock = await ProcessLock.acquire(path.join(store.home, '.adapting'), { waitMs: 0, what: 'a test' });
  try {
    const bag = await record(path.join(root, 'drive'), frames.slice(0, 2));
    const nowhere = path.join(root, 'nowhere');
    for (const wrong of [options(nowhere, lines), options(bag, lines, { guards: [nowhere] })])
      await t.throwsAsync(runAdaptation(wrong, store), {
        message: /cannot open the bag `.*nowhere`: no such file/,
      });
    await t.throwsAsync(runAdaptation(options(bag, lines), store), { name: 'LockedError' });
  } finally {
    await lock.release();
  }
  t.deepEqual(lines, []);
});

test('minutes that cannot do are told after a few pictures', async (t) => {
  const { root, store, lines } = t.context;
  const bag = await record(path.join(root, 'drive'), frames);
  await t.throwsAsync(runAdaptation(options(bag, lines, { minutes: 0.001 }), store), {
    name: 'TrainingError',
    message:
      /^--minutes: looking at `50` pictures of the drives and drawing `5` samples .* expected at least `\d+(\.5)?`/,
  });
  t.false(
    lines.some((line) => line.includes('triplets')),
    lines.join('\n'),
  );
});

test('a run that is stopped changes nothing', async (t) => {
  const { root, store, lines } = t.context;
  const bag = await record(path.join(root, 'drive'), frames);
  const stop = new AbortController();
  stop.abort();
  const result = await runAdaptation(options(bag, lines, { signal: stop.signal }), store);
  t.is(result.outcome, 'stopped');
  t.regex(result.text, /^stopped: .* stays as it is; nothing of this run is kept$/);
  t.deepEqual((await store.list()).versions.length, 1);
});
