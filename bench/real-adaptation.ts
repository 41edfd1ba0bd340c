import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ModelRunner } from '../models/model-runner.js';
import { loadModel, shippedModel } from '../models/model-store.js';
import { VersionStore } from '../models/versions/version-store.js';
import { makeFolder } from '../msgs/files/make-folder.js';
import { ADAPTATION_SETTINGS } from '../training/adaptation/adaptation-settings.js';
import type { LearningLayers } from '../training/adaptation/learning/learning-layers.js';
import { runAdaptation } from '../training/adaptation/run-adaptation.js';
import { resizeModel } from '../training/perception-graph/resize-model.js';
import type { AdaptationRow, ErrorsByDrive, RunRow } from './real-adaptation/adaptation-row.js';
import { adaptationText } from './real-adaptation/adaptation-text.js';
import { type Experiment, experimentsOf } from './real-adaptation/experiments.js';
import { MeasuredDrive } from './real-adaptation/measured-drive.js';
import { MeasuredTeacher } from './real-adaptation/measured-teacher.js';
import { REAL_DRIVES, realDrive } from './real-adaptation/real-drives.js';
import { carriedOut, homeOf, sequenceName } from './real-adaptation/sequences.js';
import { rowsWith, storedResults } from './stored-results.js';

/**
 * `npm run bench:real-adaptation -- --data FOLDER`: adapts to recorded drives one by one, together and one after another in
 * every order, and measures each result by the truth of all drives, which neither the learning nor the judge sees. Can be
 * stopped at any time and goes on where it was, within an adaptation, too.
 *
 * --drives NAME,... --seeds 1,2,3 --kinds 'one drive,together,in turn' --steps N --pixels N (of the network: fewer are faster)
 * --metres (learn from the camera's height and the vehicle's way, where the drive has them) --guards NAME,...
 * --taught (the drive's measured depth teaches, which nobody has: what could be learned from it at best)
 * --layers, --statistics, --learning-rate: as those of `rxdepth adapt` --samples N --truth-frames N --report (show what is there)
 */
const { values: flags } = parseArgs({
  options: {
    data: { type: 'string' },
    out: { type: 'string', default: path.join(os.tmpdir(), 'rxdepth-real-adaptation') },
    model: { type: 'string', default: shippedModel() },
    drives: { type: 'string', default: 'kitti_road_raw,kitti_stereo_1,highway_dashcam' },
    guards: { type: 'string', default: '' },
    seeds: { type: 'string', default: '1,2,3' },
    kinds: { type: 'string', default: '' },
    steps: { type: 'string' },
    minutes: { type: 'string', default: '10' },
    pixels: { type: 'string' },
    metres: { type: 'boolean', default: false },
    taught: { type: 'boolean', default: false },
    layers: { type: 'string', default: ADAPTATION_SETTINGS.layers },
    statistics: { type: 'string', default: ADAPTATION_SETTINGS.statistics },
    'learning-rate': { type: 'string', default: String(ADAPTATION_SETTINGS.learningRate) },
    samples: { type: 'string', default: String(ADAPTATION_SETTINGS.samples.rehearsed) },
    'truth-frames': { type: 'string', default: '60' },
    threads: { type: 'string', default: String(os.availableParallelism()) },
    report: { type: 'boolean', default: false },
  },
});
const { data, out } = flags;
if (data === undefined) throw new Error('expected `--data FOLDER`, a folder with the recorded drives');
const threads = Number(flags.threads);
await makeFolder(out);
const stored = await storedResults<AdaptationRow[]>(
  path.join(out, 'results.json'),
  [],
  rowsWith('id', 'kind', 'seed', 'runs'),
);
const rows = stored.results;
if (!flags.report) {
  const shipped = await parentFolder();
  const { input } = (await loadModel(shipped)).manifest;
  const measured = new Map<string, MeasuredDrive>();
  for (const drive of REAL_DRIVES) {
    const read = await MeasuredDrive.read(data, drive, input, Number(flags['truth-frames']));
    if (read !== undefined) measured.set(drive.name, read);
  }
  const experiments = experimentsOf({
    drives: list(flags.drives),
    seeds: list(flags.seeds).map(Number),
    kinds: list(flags.kinds),
  });
  let before: ErrorsByDrive | undefined;
  for (const experiment of experiments) {
    const known = rows.findIndex(({ id }) => id === experiment.id);
    if (known >= 0 && rows[known].runs.length === experiment.runs.length) continue;
    before ??= await errorsOf(shipped, measured);
    await carryOut(experiment, shipped, measured, before);
  }
}
process.stdout.write(`${adaptationText(rows)}\n`);

/** The model that is adapted: as it is, or with a network that sees fewer pixels. */
async function parentFolder(): Promise<string> {
  if (flags.pixels === undefined) return flags.model;
  const folder = path.join(out, `model-${flags.pixels}`);
  if (!existsSync(folder)) await resizeModel(await loadModel(flags.model), { folder }, Number(flags.pixels));
  return folder;
}

async function carryOut(
  experiment: Experiment,
  shipped: string,
  measured: ReadonlyMap<string, MeasuredDrive>,
  start: ErrorsByDrive,
): Promise<void> {
  const { id, kind, seed, runs } = experiment;
  let row = rows.find((each) => each.id === id) ?? { id, kind, seed, runs: [] };
  for (const [done, drives] of [...runs.entries()].slice(row.runs.length)) {
    const sequence = runs.slice(0, done + 1);
    const last = row.runs[row.runs.length - 1];
    const run =
      carriedOut(rows, sequence, seed) ??
      (await adapt(
        { drives, seed, name: sequenceName(sequence, seed) },
        new VersionStore({ home: await homeOf(path.join(out, 'homes'), sequence, seed), shipped }),
        measured,
        last?.after ?? start,
      ));
    row = { ...row, runs: [...row.runs, run] };
    const at = rows.findIndex((each) => each.id === id);
    if (at >= 0) rows[at] = row;
    else rows.push(row);
    await stored.save();
  }
}

/** As `rxdepth adapt` does it, over as many nights as the steps take. */
async function adapt(
  {
    drives,
    seed,
    name,
  }: { readonly drives: readonly string[]; readonly seed: number; readonly name: string },
  store: VersionStore,
  measured: ReadonlyMap<string, MeasuredDrive>,
  before: ErrorsByDrive,
): Promise<RunRow> {
  const began = performance.now();
  const known = drives.map(realDrive);
  const [{ cameraHeight, odometry }] = known;
  const work = path.join(out, 'runs', name);
  if (flags.taught && known.length > 1) throw new Error('--taught: expected one drive, got several');
  const { input } = (await loadModel(await store.currentFolder())).manifest;
  const teachers = flags.taught
    ? [await MeasuredTeacher.open(path.resolve(data ?? ''), known[0], input)]
    : [];
  const result = await runAdaptation(
    {
      ...{ bags: known.map((drive) => path.join(data ?? '', drive.name)), names: {}, model: undefined },
      ...{ judgeOnly: false, promote: true, lidar: false, out: work, overwrite: true, mostFrames: 1200 },
      guards: list(flags.guards)
        .filter((guard) => !drives.includes(guard))
        .map((guard) => path.join(data ?? '', guard)),
      // What the first drive has counts for the camera of all.
      ...(flags.metres && { cameraHeight, odometry: known.length === 1 ? odometry : undefined }),
      ...(!flags.metres && { odometry: false as const }),
      ...(teachers.length > 0 && { teachers }),
      ...{ minutes: Number(flags.minutes), deadlineMinutes: Number.POSITIVE_INFINITY },
      steps: flags.steps === undefined ? undefined : Number(flags.steps),
      settings: {
        ...ADAPTATION_SETTINGS,
        seed,
        learningRate: Number(flags['learning-rate']),
        layers: flags.layers as LearningLayers, // adaptWeights finds no other
        statistics: flags.statistics === 'joint' ? 'joint' : 'frozen',
        samples: { ...ADAPTATION_SETTINGS.samples, rehearsed: Number(flags.samples) },
      },
      ...{ command: 'bench:real-adaptation', threads, signal: new AbortController().signal, report: say },
    },
    store,
  );
  say(`${name}: ${result.text}`);
  const candidate = path.join(work, 'candidate');
  return {
    ...{ drives, verdict: result.outcome, reasons: result.reasons, steps: result.steps ?? 0 },
    minutes: (performance.now() - began) / 60_000,
    before,
    candidate: existsSync(candidate) ? await errorsOf(candidate, measured) : before,
    after: result.current === true ? await errorsOf(await store.currentFolder(), measured) : before,
  };
}

async function errorsOf(
  folder: string,
  measured: ReadonlyMap<string, MeasuredDrive>,
): Promise<ErrorsByDrive> {
  const model = await ModelRunner.open(folder, threads);
  const errors: Record<string, ErrorsByDrive[string]> = {};
  for (const [name, drive] of measured) errors[name] = await drive.errors(model);
  await model.close();
  return errors;
}

function list(text: string): string[] {
  return text.split(',').filter((part) => part !== '');
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
