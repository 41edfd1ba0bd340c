import { createHash } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ModelRunner } from '../models/model-runner.js';
import { VersionStore } from '../models/versions/version-store.js';
import { makeFolder } from '../msgs/files/make-folder.js';
import { ADAPTATION_SETTINGS } from '../training/adaptation/adaptation-settings.js';
import { learnedShare } from '../training/adaptation/drive/split-drive.js';
import { peakLearningRate } from '../training/adaptation/learning/peak-learning-rate.js';
import { classWeightsOf } from '../training/adaptation/learning/source-samples.js';
import { runAdaptation } from '../training/adaptation/run-adaptation.js';
import { fillWithSimulator } from '../training/datasets/prepare/simulator-samples.js';
import { sgdepthPerception } from '../training/networks/sgdepth-perception.js';
import { exportModel } from '../training/perception-graph/export-model.js';
import { loadWeights } from '../training/perception-graph/load-weights.js';
import { CAMERA_SIZE, type DriveQuality, driveQuality, testDrive } from './adaptation/drive-quality.js';
import type { ExperimentRow } from './adaptation/experiment-row.js';
import { experimentText } from './adaptation/experiment-text.js';
import { recordedDrive } from './adaptation/recorded-drive.js';
import { fineTune } from './judge-proof/fine-tune.js';
import { proofSize } from './judge-proof/proof-drive.js';
import { storedResults } from './stored-results.js';

/**
 * `npm run bench:adaptation -- --model FOLDER [--seeds 1,2,3] [--minutes 10] [--steps N] [--frames 300] [--drives 1]
 * [--out FOLDER]`: a model of `town-clean` adapted to a drive of `town-camera` as `rxdepth adapt` does it, and measured on
 * drives of both domains that nobody saw; beside it an oracle, trained as long on the same drive with its true depth. With
 * `--drives N` each seed records N drives, the first of which is that of the seed, and looks at as many pictures of all
 * together as of one. Can be stopped at any time and goes on where it was; another experiment needs another folder.
 */
const { values: flags } = parseArgs({
  options: {
    out: { type: 'string' },
    model: { type: 'string' },
    seeds: { type: 'string', default: '1,2,3' },
    minutes: { type: 'string', default: '10' },
    steps: { type: 'string' },
    frames: { type: 'string', default: '300' },
    drives: { type: 'string', default: '1' },
    threads: { type: 'string', default: String(os.availableParallelism()) },
  },
});
const [SOURCE, TARGET] = ['town-clean', 'town-camera'] as const;
interface Results {
  readonly options: unknown;
  readonly rows: ExperimentRow[];
}

/** The drive that is adapted to, of which adapt keeps the end for the judge. */
const DRIVE = { frames: Number(flags.frames), frameRate: 10 } as const;
const DRIVES = Number(flags.drives);
const UNSEEN = { seeds: [2001, 2002, 2003, 2004], frames: 40, frameRate: 2 } as const;

const { model: modelFolder } = flags;
if (modelFolder === undefined) {
  throw new Error(
    'expected `--model FOLDER`, a model trained on town-clean (docs/measurements/adaptation.md says how)',
  );
}
const threads = Number(flags.threads);
const { minutes, steps, frames, drives } = flags;
const options = { model: path.resolve(modelFolder), minutes, steps: steps ?? null, frames, drives };
// Rows and recorded drives in a folder are those of one experiment; by default each has its own.
const key = createHash('sha256').update(JSON.stringify(options)).digest('hex').slice(0, 8);
const out = flags.out ?? path.join(os.tmpdir(), `rxdepth-adaptation-${key}`);
await makeFolder(out);
const resultFile = path.join(out, 'results.json');
const stored = await storedResults<Results>(
  resultFile,
  { options, rows: [] },
  (found) => typeof found === 'object' && found !== null && 'options' in found && 'rows' in found,
);
if (JSON.stringify(stored.results.options) !== JSON.stringify(options)) {
  throw new Error(`${resultFile} was made with other options; give another \`--out FOLDER\``);
}
const { rows } = stored.results;
await stored.save();
const parent = await ModelRunner.open(modelFolder, threads);
const before = await measure(modelFolder);
for (const seed of flags.seeds.split(',').map(Number)) {
  if (rows.some((row) => row.seed === seed)) continue;
  rows.push(await experiment(seed));
  await stored.save();
}
await parent.close();
process.stdout.write(`${experimentText(rows, [SOURCE, TARGET])}\n`);

async function experiment(seed: number): Promise<ExperimentRow> {
  const bags: string[] = [];
  for (const driveSeed of driveSeeds(seed)) {
    const kind = { domain: TARGET, seed: driveSeed, ...DRIVE, ...CAMERA_SIZE };
    bags.push(await recordedDrive(path.join(out, 'bags'), kind));
  }
  // Nothing is promoted: what seeds share are the samples of the source, which the first one renders.
  const home = path.join(out, 'home');
  const [began, used] = [performance.now(), process.cpuUsage()];
  const result = await runAdaptation(
    {
      ...{ bags, names: {}, model: undefined, judgeOnly: false, promote: false, out: undefined },
      ...{ minutes: Number(flags.minutes), mostFrames: DRIVE.frames, threads, command: 'bench:adaptation' },
      steps: flags.steps === undefined ? undefined : Number(flags.steps),
      settings: { ...ADAPTATION_SETTINGS, seed },
      signal: new AbortController().signal,
      report: say,
    },
    new VersionStore({ home, shipped: modelFolder ?? '' }),
  );
  const { user, system } = process.cpuUsage(used);
  const minutes = (performance.now() - began) / 60_000;
  if (result.folder === undefined || result.steps === undefined) throw new Error(result.text);
  say(`seed ${seed}: ${result.text}`);
  const adapted = await measure(path.join(result.folder, 'candidate'));
  const oracle = await measure(await trainOracle(seed, result.steps));
  const of = (kind: 'source' | 'target') => ({
    before: before[kind],
    adapted: adapted[kind],
    oracle: oracle[kind],
  });
  const { outcome: verdict, steps } = result;
  const processorMinutes = (user + system) / 60e6;
  return { seed, verdict, steps, minutes, processorMinutes, target: of('target'), source: of('source') };
}

function driveSeeds(seed: number): number[] {
  return Array.from({ length: DRIVES }, (_, i) => 1000 + seed + i);
}

/** Supervised on the frames that adapt learns from, and on samples of the source beside them. */
async function trainOracle(seed: number, steps: number): Promise<string> {
  const model = await loadWeights(parent);
  const { manifest } = parent;
  const size = proofSize(manifest);
  const learned = Math.floor(learnedShare(DRIVE.frames / DRIVES) * DRIVE.frames);
  const drives = driveSeeds(seed).map((driveSeed) =>
    testDrive(path.join(out, 'drives'), { domain: TARGET, seed: driveSeed, ...DRIVE, ...size }),
  );
  const description = { source: `simulator ${SOURCE}`, seed: 940_000_000, ...size, count: 240 };
  const samples = { folder: path.join(out, 'samples'), description };
  await fillWithSimulator({ ...samples, domain: SOURCE, workers: threads });
  const all = (count: number) => Array.from({ length: count }, (_, i) => i);
  await fineTune({
    ...{ name: `oracle-${seed}`, folder: path.join(out, 'training'), model, threads, steps },
    learningRate: peakLearningRate(ADAPTATION_SETTINGS.learningRate, learned, steps),
    classWeights: classWeightsOf(samples, model.network.classes),
    normalisation: manifest.input,
    samples: [
      ...drives.map((store) => ({ store, indices: all(learned).filter((i) => i % DRIVES === 0) })),
      { store: samples, indices: all(description.count) },
    ],
  });
  const folder = path.join(out, 'oracles', String(seed));
  const { license, input, depth, provenance } = manifest;
  await exportModel({
    ...{ folder, overwrite: true, parameters: model.parameters, precision: 'F32' },
    network: sgdepthPerception(model.network, model.range),
    description: {
      ...{ name: 'oracle', version: 1, license, input, depth, provenance },
      classAdjustment: model.classAdjustment,
    },
  });
  return folder;
}

/** Mean over the unseen drives of each domain. */
async function measure(
  folder: string,
): Promise<{ readonly source: DriveQuality; readonly target: DriveQuality }> {
  const model = await ModelRunner.open(folder, threads);
  const over = async (domain: string): Promise<DriveQuality> => {
    const found: DriveQuality[] = [];
    for (const seed of UNSEEN.seeds) {
      const { frames, frameRate } = UNSEEN;
      const drive = testDrive(path.join(out, 'drives'), { domain, seed, frames, frameRate, ...CAMERA_SIZE });
      found.push(await driveQuality(model, drive));
    }
    const mean = (of: (quality: DriveQuality) => number) =>
      found.reduce((sum, quality) => sum + of(quality), 0) / found.length;
    return { medianScaled: mean((each) => each.medianScaled), unscaled: mean((each) => each.unscaled) };
  };
  const measured = { source: await over(SOURCE), target: await over(TARGET) };
  await model.close();
  say(
    `${folder}: ${TARGET} ${measured.target.medianScaled.toFixed(4)}, ${SOURCE} ${measured.source.medianScaled.toFixed(4)}`,
  );
  return measured;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
