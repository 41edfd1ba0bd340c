import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ModelRunner } from '../models/model-runner.js';
import { loadModel, shippedModel } from '../models/model-store.js';
import { VersionStore } from '../models/versions/version-store.js';
import { makeFolder } from '../msgs/files/make-folder.js';
import { ADAPTATION_SETTINGS } from '../training/adaptation/adaptation-settings.js';
import { floatParent } from '../training/adaptation/eight-bit-parent.js';
import { Judge } from '../training/adaptation/judge/judge.js';
import { modelBetween } from '../training/adaptation/judge/model-between.js';
import { sourceDomains, sourceSamples } from '../training/adaptation/learning/source-samples.js';
import { runAdaptation } from '../training/adaptation/run-adaptation.js';
import { sgdepthPerception } from '../training/networks/sgdepth-perception.js';
import { exportModel } from '../training/perception-graph/export-model.js';
import { loadWeights } from '../training/perception-graph/load-weights.js';
import { decidedAgain } from './judge-proof/decided-again.js';
import { DamagedModel } from './real-proof/damaged-model.js';
import {
  CASES,
  type RealCandidate,
  type RealCase,
  type RealRun,
  RUNS,
  TRUTH_TOPICS,
} from './real-proof/real-candidates.js';
import { type RealRow, worthOf } from './real-proof/real-row.js';
import { realText } from './real-proof/real-text.js';
import { type SceneError, sceneErrors } from './real-proof/scene-errors.js';
import { type SurveyedDrive, surveyedDrive } from './real-proof/surveyed-drive.js';
import { rowsWith, storedResults } from './stored-results.js';

/**
 * `npm run judge:proof:real -- --data FOLDER [--model FOLDER] [--out FOLDER] [--drives NAME,...]`: adapts the model to
 * recorded drives, makes candidates of what was learned on the way (as it is, half way back, damaged) and lets the judge
 * decide about each; beside it what the truth of other drives, which neither saw, says. Can be stopped at any time and goes
 * on where it was, within an adaptation, too; a candidate whose adaptation is not there yet is left for the next time with `--no-adapt`.
 */
const { values: flags } = parseArgs({
  options: {
    data: { type: 'string' },
    out: { type: 'string', default: path.join(os.tmpdir(), 'rxdepth-real-proof') },
    model: { type: 'string', default: shippedModel() },
    drives: { type: 'string', default: CASES.map(({ drive }) => drive).join() },
    threads: { type: 'string', default: String(os.availableParallelism()) },
    'no-adapt': { type: 'boolean', default: false },
  },
});
const { data, out } = flags;
if (data === undefined) throw new Error('expected `--data FOLDER`, a folder with the recorded drives');
const threads = Number(flags.threads);
await makeFolder(out);
const resultFile = path.join(out, 'results.json');
const stored = await storedResults<RealRow[]>(
  resultFile,
  [],
  rowsWith('drive', 'candidate', 'before', 'after', 'report'),
);
const rows = stored.results;
// As adaptation does it: what computes in 8 bits is compared by its float form.
const parentFolder = await floatParent(await loadModel(flags.model), out);
const parent = await ModelRunner.open(parentFolder, threads);
const drives = new Map<string, SurveyedDrive>();
const chosen = CASES.filter(({ drive }) => flags.drives.split(',').includes(drive));
if (!flags['no-adapt']) {
  for (const run of RUNS) if (chosen.some((each) => uses(each, run))) await adapt(run);
}
for (const each of chosen) await decideAbout(each);
await parent.close();
process.stdout.write(`${realText(rows)}\n`);

async function decideAbout(one: RealCase): Promise<void> {
  const drive = await driveNamed(one.drive);
  const guards = await Promise.all(one.guards.map(driveNamed));
  const measured = await Promise.all(one.measured.map(driveNamed));
  const samples = await sourceSamples(
    {
      ...{ folder: path.join(out, 'samples'), domains: sourceDomains(parent.manifest), workers: threads },
      ...{ width: drive.view.width, height: drive.view.height },
    },
    'judged',
  );
  const judge = await Judge.open({
    ...{ drive: drive.kept, guards: guards.map(({ whole }) => whole), parent, threads },
    source: { ...samples, indices: Array.from({ length: samples.description.count }, (_, i) => i) },
  });
  const before = await errorsOf(parent, measured);
  for (const candidate of one.candidates) {
    const known = rows.findIndex((row) => row.drive === one.drive && row.candidate === candidate.name);
    const again = known >= 0 ? decidedAgain(rows[known].report) : undefined;
    if (again !== undefined) {
      rows[known] = { ...rows[known], report: again };
      await stored.save();
      continue;
    }
    const folder = await folderOf(one, candidate);
    if (folder === undefined) {
      say(`${one.drive}, ${candidate.name}: its adaptation is not there yet`);
      continue;
    }
    const runner = await ModelRunner.open(folder, threads);
    const model = candidate.damage === undefined ? runner : new DamagedModel(runner, candidate.damage);
    const report = await judge.judge(model);
    // A drive that the candidate learned from is not unseen, whoever is judged by what.
    const unseen = measured.filter(({ name }) => name !== candidate.run);
    const after = known >= 0 ? rows[known].after : await errorsOf(model, unseen);
    await runner.close();
    const row: RealRow = {
      drive: one.drive,
      candidate: candidate.name,
      family: candidate.family,
      before: before.filter(({ drive: of }) => unseen.some(({ name }) => name === of)),
      after,
      report,
    };
    if (known >= 0) rows[known] = row;
    else rows.push(row);
    await stored.save();
    const worth = worthOf(row);
    say(
      `${one.drive}, ${candidate.name}: ${worth.worth} (AbsRel ${(100 * worth.change).toFixed(1)} %), ` +
        `${report.verdict}: ${report.reasons.join('; ')}`,
    );
  }
  await judge.close();
}

async function errorsOf(
  model: Parameters<typeof sceneErrors>[0],
  unseen: readonly SurveyedDrive[],
): Promise<SceneError[]> {
  const errors: SceneError[] = [];
  for (const each of unseen) errors.push(...(await sceneErrors(model, each)));
  return errors;
}

async function driveNamed(name: string): Promise<SurveyedDrive> {
  const known = drives.get(name);
  if (known !== undefined) return known;
  const bag = path.join(data ?? '', name);
  const surveyed = await surveyedDrive(path.join(out, 'drives'), bag, TRUTH_TOPICS[name], parent);
  say(
    `${name}: ${surveyed.kept.triplets.length} triplets to judge by, ${surveyed.truth.size} pictures with truth`,
  );
  drives.set(name, surveyed);
  return surveyed;
}

/** The candidate's weights; undefined where the adaptation that they come from is not there. */
async function folderOf(one: RealCase, candidate: RealCandidate): Promise<string | undefined> {
  const { run, step, share = 1, spoil } = candidate;
  let folder = parentFolder;
  if (run !== undefined) {
    const found = await stepOf(run, step ?? 0);
    if (found === undefined) return undefined;
    folder = found;
  }
  const name = `${one.drive}-${candidate.name.replaceAll(/[^\w.]+/g, '-')}`;
  const made = path.join(out, 'candidates', name);
  if (share !== 1) {
    await makeFolder(path.dirname(made));
    await modelBetween(parentFolder, folder, share, made);
    return made;
  }
  if (spoil === undefined) return folder;
  const opened = await ModelRunner.open(folder, threads);
  const model = await loadWeights(opened);
  await opened.close();
  spoil(model);
  const { license, input, depth, provenance } = parent.manifest;
  await exportModel({
    ...{
      folder: made,
      overwrite: true,
      parameters: model.parameters,
      network: sgdepthPerception(model.network, model.range),
      precision: 'F32',
    },
    description: {
      ...{ name: 'candidate', version: 1, license, input, depth, provenance },
      classAdjustment: model.classAdjustment,
    },
  });
  return made;
}

/** Folders of an adaptation: one for every start, as each begins with an empty one. */
async function runsOf(drive: string): Promise<string[]> {
  const folder = path.join(out, 'runs');
  const names = existsSync(folder) ? await readdir(folder) : [];
  return names.filter((name) => name.replace(/-\d+$/, '') === drive).map((name) => path.join(folder, name));
}

/** The model of the nearest step, if one within a tenth of it is there. */
async function stepOf(drive: string, step: number): Promise<string | undefined> {
  for (const run of await runsOf(drive)) {
    const folder = path.join(run, 'checkpoints');
    const steps = existsSync(folder) ? (await readdir(folder)).filter((name) => /^\d+$/.test(name)) : [];
    const near = steps.find((name) => Math.abs(Number(name) - step) <= step / 10);
    if (near !== undefined) return path.join(folder, near);
  }
  return undefined;
}

function uses({ candidates }: RealCase, { drive }: RealRun): boolean {
  return candidates.some(({ run }) => run === drive);
}

/** As `rxdepth adapt --no-promote` does it, from where it was stopped; its models on the way stay. */
async function adapt({ drive, steps, at }: RealRun): Promise<void> {
  if ((await stepOf(drive, steps)) !== undefined) return;
  const folder = path.join(out, 'runs', `${drive}-${(await runsOf(drive)).length}`);
  const result = await runAdaptation(
    {
      ...{
        bags: [path.join(data ?? '', drive)],
        names: {},
        model: undefined,
        judgeOnly: false,
        lidar: false,
      },
      ...{ promote: false, out: folder, overwrite: true },
      ...{ minutes: 600, steps, mostFrames: 1200 },
      settings: { ...ADAPTATION_SETTINGS, snapshotAt: at },
      ...{ command: 'judge:proof:real', threads, signal: new AbortController().signal, report: say },
    },
    new VersionStore({ home: path.join(out, 'home'), shipped: flags.model }),
  );
  say(`${drive}: ${result.text}`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
