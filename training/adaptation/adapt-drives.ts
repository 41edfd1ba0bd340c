import { cp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { disparityRange } from '../../models/manifest.js';
import { ModelRunner } from '../../models/model-runner.js';
import type { BagReader } from '../../msgs/bag/bag-reader.js';
import { openBag } from '../../msgs/bag/open-bag.js';
import { makeFolder } from '../../msgs/files/make-folder.js';
import { writePng } from '../../msgs/picture/write-png.js';
import type { BatchOptions } from '../datasets/batches/batch.js';
import { SampleStore, type StoreDescription } from '../datasets/stores/sample-store.js';
import type { SparseDepth } from '../datasets/stores/sparse-depth.js';
import { TrainingError } from '../errors.js';
import { sgdepthPerception } from '../networks/sgdepth-perception.js';
import { exportModel } from '../perception-graph/export-model.js';
import { loadWeights } from '../perception-graph/load-weights.js';
import { RunLog } from '../runs/run-log.js';
import { adaptationPanel } from './adaptation-panel.js';
import type { AdaptationSettings } from './adaptation-settings.js';
import { type PinholeView, pinholeView } from './drive/pinhole-view.js';
import { poseTriplets } from './drive/pose-triplets.js';
import {
  type DriveNames,
  driveCamera,
  driveImages,
  evenWindows,
  type SkippedImages,
} from './drive/read-drive.js';
import { refusal } from './drive/refusal.js';
import {
  type DriveTriplet,
  type SelectedTriplet,
  type Selection,
  selectTriplets,
} from './drive/select-triplets.js';
import { splitDrive } from './drive/split-drive.js';
import { type SurveyedFrame, surveyDrive } from './drive/survey.js';
import { type ContenderReport, chooseContender } from './judge/choose-contender.js';
import { type Contender, contendersOf, type LearnedModel } from './judge/contenders.js';
import { guardDrives } from './judge/guard-drives.js';
import { rememberedGuards, rememberGuard } from './judge/guard-memory.js';
import { Judge, type JudgeReport } from './judge/judge.js';
import type { JudgedDrive } from './judge/judged-drive.js';
import { judgedTruth, lidarTopic } from './judge/judged-truth.js';
import { adaptWeights } from './learning/adapt-weights.js';
import { type DriveMemory, draftMemory, openMemory } from './learning/drive-memory.js';
import type { SgdepthAdaptationOptions } from './learning/sgdepth-adaptation.js';
import { classWeightsOf, rehearsedCount, sourceDomains, sourceSamples } from './learning/source-samples.js';
import type { WorkFolder } from './work-folder.js';

export interface AdaptDrivesOptions {
  readonly bags: readonly string[];
  readonly names: DriveNames;
  /** Topic that is judged by; false: none, whatever the drives have. */
  readonly lidar?: string | false | undefined;
  /** Other drives that candidates are judged by, beside past ones. */
  readonly guards?: readonly string[];
  /** Model folders: what is adapted, and, where only judged, what may replace it. */
  readonly parent: string;
  readonly judgeOnly?: string | undefined;
  readonly work: WorkFolder;
  /** Where samples of the source domain are kept, and pictures of past drives. */
  readonly sampleFolder: string;
  readonly memoryFolder: string;
  /** Triplets of past drives, to judge by; without it none are kept. */
  readonly guardFolder?: string;
  readonly sourceDomain?: string | undefined;
  /** Of the whole run; what is left after looking through the drives, less what judging takes, is trained. */
  readonly minutes: number;
  readonly steps?: number | undefined;
  readonly mostFrames: number;
  readonly settings: AdaptationSettings;
  readonly command: string;
  /** Of the candidate. */
  readonly version: number;
  readonly threads: number;
  readonly signal: AbortSignal;
  report(line: string): void;
}

export type AdaptationOutcome =
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'judged';
      readonly report: JudgeReport;
      /** Everybody who was a candidate, and why it was taken or not. */
      readonly contenders: readonly ContenderReport[];
      readonly candidate: string;
      readonly steps: number;
      /** Of past drives and these: to be committed if the candidate is promoted. */
      readonly memory?: DriveMemory;
    };

/** Seconds kept for export, judging and pictures, at least, and as a share of the budget. */
const JUDGING_SECONDS = 20;
const JUDGING_SHARE = 0.25;

/** Learns from recorded drives and has the result judged on parts of them that were kept aside. Promotes nothing. */
export async function adaptDrives(options: AdaptDrivesOptions): Promise<AdaptationOutcome> {
  const began = performance.now();
  const readers: BagReader[] = [];
  const parent = await ModelRunner.open(options.parent, options.threads);
  try {
    for (const bag of options.bags) readers.push(await openBag(bag));
    return await run(options, parent, readers, () => (performance.now() - began) / 1000);
  } finally {
    await parent.close();
    for (const reader of readers) await reader.close();
    await rm(options.work.frames, { recursive: true, force: true });
  }
}

async function run(
  options: AdaptDrivesOptions,
  parent: ModelRunner,
  readers: readonly BagReader[],
  elapsed: () => number,
): Promise<AdaptationOutcome> {
  const { work, threads, signal, judgeOnly } = options;
  const drives = await surveyAll(options, parent, readers);
  if (signal.aborted) return { kind: 'stopped' };
  const { view, frames } = drives;
  const reason = refusal(drives.looked, drives.skipped, drives.selections, drives);
  if (reason !== undefined) return { kind: 'refused', reason };
  options.report(`${drives.adapt.length} triplets to learn from, ${drives.judge.length} to judge by`);
  const names = options.bags.map((bag) => path.basename(path.resolve(bag)));
  // Before anything is learned: a guard that cannot be read must not cost the learning.
  const guards = await guardsOf(options, parent, names);
  if (signal.aborted) return { kind: 'stopped' };

  const domains = sourceDomains(parent.manifest, options.sourceDomain);
  const counts = {
    ...options.settings.samples,
    rehearsed: rehearsedCount(options.settings.samples.rehearsed, drives.adapt.length),
  };
  const samples = (kind: 'rehearsed' | 'judged') =>
    sourceSamples(
      {
        ...{ folder: options.sampleFolder, domains, width: view.width, height: view.height },
        ...{ workers: threads, signal, counts },
        onProgress: (complete, all) => {
          if (complete % 40 === 0) options.report(`source samples (${kind}): ${complete} of ${all}`);
        },
      },
      kind,
    );
  let learned: readonly LearnedModel[] = judgeOnly === undefined ? [] : [{ steps: 0, folder: judgeOnly }];
  if (judgeOnly === undefined) {
    const trained = await trainCandidate(
      options,
      parent,
      drives,
      await samples('rehearsed'),
      domains,
      elapsed,
    );
    if (trained === undefined) return { kind: 'stopped' };
    learned = trained;
  }
  const judged = await samples('judged');
  if (signal.aborted) return { kind: 'stopped' };
  const kept: JudgedDrive = {
    ...{ name: names.join(), store: frames, views: drives.views },
    ...{ triplets: drives.judge, truth: drives.truth },
  };
  const judge = await Judge.open({
    ...{ drive: kept, parent, threads },
    guards,
    source: { ...judged, indices: Array.from({ length: judged.description.count }, (_, i) => i) },
    memory: await openMemory(options.memoryFolder, view),
    onProgress: (done, all) => {
      if (done % 20 === 0) options.report(`judged ${done} of ${all} triplets`);
    },
  });
  try {
    const contenders =
      judgeOnly === undefined
        ? await contendersOf(options.parent, learned, work.checkpoints)
        : [{ ...learned[0], name: 'the named model', share: 1, distance: Number.NaN }];
    const until = elapsed() + Math.max(JUDGING_SECONDS, JUDGING_SHARE * 60 * options.minutes);
    const choice = await chooseContender({
      ...{ judge, contenders, signal, report: options.report },
      open: (contender) => ModelRunner.open(contender.folder, threads),
      hasTime: () => elapsed() < until,
    });
    if (signal.aborted) return { kind: 'stopped' };
    return await finish(options, drives, kept, choice);
  } finally {
    await judge.close();
  }
}

/** Writes what was decided, and prepares what a promotion remembers. */
async function finish(
  options: AdaptDrivesOptions,
  drives: Drives,
  kept: JudgedDrive,
  { contender, report, contenders }: Awaited<ReturnType<typeof chooseContender>>,
): Promise<AdaptationOutcome> {
  const { work, threads, judgeOnly } = options;
  const candidate = judgeOnly ?? (await takeCandidate(work, contender));
  const text = `${JSON.stringify(report, undefined, 2)}\n`;
  await writeFile(path.join(judgeOnly === undefined ? candidate : work.folder, 'judge.json'), text);
  await writeFile(
    path.join(work.folder, 'contenders.json'),
    `${JSON.stringify({ chosen: contender.name, contenders }, undefined, 2)}\n`,
  );
  const runner = await ModelRunner.open(candidate, threads);
  try {
    const shown = [0.1, 0.4, 0.7, 0.95].map(
      (at) => drives.judge[Math.floor(at * drives.judge.length)].target,
    );
    await writePng(
      path.join(work.panels, 'before-after.png'),
      await adaptationPanel(drives.frames, shown, runner),
    );
    const outcome = { kind: 'judged', report, contenders, candidate, steps: contender.steps } as const;
    if (judgeOnly !== undefined) return outcome;
    if (options.guardFolder !== undefined) await rememberGuard(options.guardFolder, kept);
    if (report.verdict !== 'promoted') return outcome;
    return { ...outcome, memory: await remembered(options, drives, runner) };
  } finally {
    await runner.close();
  }
}

/** The contender's folder becomes the candidate's; the others are not needed any more. */
async function takeCandidate(work: WorkFolder, { folder }: Contender): Promise<string> {
  await rm(work.candidate, { recursive: true, force: true });
  await cp(folder, work.candidate, { recursive: true });
  return work.candidate;
}

/** Other drives to judge by: those that the user named, and past ones. */
async function guardsOf(
  options: AdaptDrivesOptions,
  parent: ModelRunner,
  names: readonly string[],
): Promise<JudgedDrive[]> {
  const { guards: bags = [], guardFolder, work, lidar, signal, report } = options;
  const learned = options.bags.map((bag) => path.resolve(bag));
  const own = bags.find((bag) => learned.includes(path.resolve(bag)));
  if (own !== undefined) {
    throw new TrainingError(
      `--guard ${own}: expected another drive, this one is learned from; leave it out.`,
    );
  }
  const folder = path.join(work.frames, 'guards');
  const named = await guardDrives({ bags, parent, folder, lidar: lidar !== false, signal, report });
  if (guardFolder === undefined) return named;
  const known = [...names, names.join(), ...named.map(({ name }) => name)];
  const past = await rememberedGuards(guardFolder, known, parent, folder);
  if (past.length > 0) report(`judging by ${past.length} past drives, too`);
  return [...named, ...past];
}

/** Pictures of the part that was learned from, with what the candidate sees in them. */
async function remembered(
  { bags, memoryFolder }: AdaptDrivesOptions,
  { view, views, frames, adapt }: Drives,
  candidate: ModelRunner,
): Promise<DriveMemory> {
  const store = SampleStore.open(frames.folder, frames.description);
  try {
    return await draftMemory(memoryFolder, view, {
      name: bags.map((bag) => path.basename(path.resolve(bag))).join(),
      frames: adapt.length,
      frame: async (index) => {
        const { target, drive } = adapt[index];
        const sample = store.read(target);
        const { intrinsics } = views[drive];
        const { depth, labels } = await candidate.run(sample, intrinsics);
        return { ...sample, intrinsics, depthMeters: depth, labels: labels ?? sample.labels };
      },
    });
  } finally {
    store.close();
  }
}

interface Drives {
  readonly view: PinholeView;
  readonly views: readonly PinholeView[];
  readonly frames: { readonly folder: string; readonly description: StoreDescription };
  /** Pictures that were looked at, and those that could not be. */
  readonly looked: number;
  readonly skipped: number;
  readonly selections: readonly Selection[];
  readonly adapt: readonly DriveTriplet[];
  readonly judge: readonly DriveTriplet[];
  readonly truth: ReadonlyMap<number, SparseDepth>;
}

async function surveyAll(
  options: AdaptDrivesOptions,
  parent: ModelRunner,
  readers: readonly BagReader[],
): Promise<Drives> {
  const left: SkippedImages = { undecodable: 0, outOfOrder: 0 };
  let looked = 0;
  const selections: Selection[] = [];
  const adapt: DriveTriplet[] = [];
  const judged: DriveTriplet[] = [];
  const views: PinholeView[] = [];
  const truth = new Map<number, SparseDepth>();
  const most = Math.floor(options.mostFrames / readers.length);
  let view: PinholeView | undefined;
  let frames: Drives['frames'] | undefined;
  for (const [drive, bag] of readers.entries()) {
    const camera = await driveCamera(bag, options.names);
    const seen = pinholeView(parent.manifest.input, camera.model, camera);
    view ??= seen;
    frames ??= {
      folder: options.work.frames,
      description: {
        ...{ source: options.bags.join(), seed: 0, width: view.width, height: view.height },
        count: most * readers.length,
      },
    };
    if (seen.width !== view.width || seen.height !== view.height) {
      throw new TrainingError(
        `${bag.path}: its pictures have another shape than those of ${readers[0].path}; adapt to cameras one by one.`,
      );
    }
    const wanted = evenWindows(camera.imageCount ?? 0, most);
    const surveyed = await surveyDrive({
      ...{
        images: driveImages(bag, camera, wanted, left),
        view: seen,
        parent,
        store: frames,
        first: drive * most,
        most,
      },
      signal: options.signal,
      onProgress: (count) => {
        if (count % 50 === 0) options.report(`${path.basename(bag.path)}: ${count} pictures looked at`);
      },
    });
    const selection = selectTriplets(surveyed);
    const split = splitDrive(surveyed, selection.triplets);
    looked += surveyed.length;
    selections.push(selection);
    views.push(seen);
    adapt.push(...split.adapt.map((triplet) => ({ ...triplet, drive })));
    judged.push(...split.judge.map((triplet) => ({ ...triplet, drive })));
    for (const [index, sparse] of await measured(options, bag, seen, surveyed, split.judge))
      truth.set(index, sparse);
  }
  if (view === undefined || frames === undefined)
    throw new TrainingError('expected `at least one` bag, got none');
  const skipped = left.undecodable + left.outOfOrder;
  return { view, views, frames, looked, skipped, selections, adapt, judge: judged, truth };
}

/** Depths of the LiDAR on the judged part; without one, or where it cannot be used, none. */
async function measured(
  { lidar, names, report }: AdaptDrivesOptions,
  bag: BagReader,
  view: PinholeView,
  frames: readonly SurveyedFrame[],
  judged: readonly SelectedTriplet[],
): Promise<ReadonlyMap<number, SparseDepth>> {
  if (lidar === false) return new Map();
  const topic = lidarTopic(bag, lidar);
  const [first, last] = [judged[0], judged[judged.length - 1]];
  if (topic === undefined || first === undefined || last === undefined) return new Map();
  const part = frames.filter(({ index }) => index >= first.previous && index <= last.next);
  try {
    const found = await judgedTruth(bag, topic, names, view, part);
    report(`${topic}: depths for ${found.size} of ${part.length} pictures of the judged part`);
    return found;
  } catch (error) {
    // Asked for by name it has to work.
    if (lidar !== undefined || !(error instanceof Error)) throw error;
    report(`${topic} is not used: ${error.message}`);
    return new Map();
  }
}

/** @returns the models that learning left on its way, the last one at its end; undefined when the run was stopped. */
async function trainCandidate(
  options: AdaptDrivesOptions,
  parent: ModelRunner,
  { view, views, frames, adapt }: Drives,
  samples: Awaited<ReturnType<typeof sourceSamples>>,
  domains: readonly string[],
  elapsed: () => number,
): Promise<readonly LearnedModel[] | undefined> {
  const { work, settings, threads, signal } = options;
  const { manifest } = parent;
  const { network, parameters, precision, range } = await loadWeights(parent);
  const { mean, std } = manifest.input;
  const batch: BatchOptions = {
    ...{ batchSize: settings.sources, width: view.width, height: view.height, mean, std, ...range },
    targetStep: 2 ** network.outputScale,
    augmentation: settings.augmentation,
  };
  const classWeights = classWeightsOf(samples, network.classes);
  const { weights, statistics } = settings;
  const method: SgdepthAdaptationOptions = { network, ...range, classWeights, weights, statistics };
  const intrinsics = views.map((each) => each.intrinsics);
  options.report('finding how the camera moved');
  const triplets = await poseTriplets(frames, adapt, intrinsics);
  const seconds = 60 * options.minutes;
  const left = seconds - elapsed() - Math.max(JUDGING_SECONDS, JUDGING_SHARE * seconds);
  if (!(left > 0)) {
    throw new TrainingError(
      `--minutes: looking through the drives took ${Math.round(elapsed())} s, nothing is left to learn in; ` +
        `expected more than \`${options.minutes}\`, or fewer --frames.`,
    );
  }
  const names = ['depth', 'segmentation', 'photometric', 'smoothness', 'keep', 'explained'];
  const log = await RunLog.open(path.join(work.folder, 'log.csv'), 0, { steps: names, validations: [] });
  const trainedFrom = elapsed();
  const learned: LearnedModel[] = [];
  const keep = async (steps: number): Promise<void> => {
    const folder = path.join(work.checkpoints, String(steps).padStart(5, '0'));
    await exportModel({
      ...{ folder, overwrite: true, parameters, precision },
      network: sgdepthPerception(network, disparityRange(manifest)),
      description: {
        ...{ name: manifest.name, version: options.version, license: manifest.license },
        ...{ input: manifest.input, depth: manifest.depth },
        provenance: {
          method: 'adapted (SGDepth)',
          data: `drives ${options.bags.map((bag) => path.basename(path.resolve(bag))).join(', ')}; simulator, domain ${domains.join()}`,
          ...{ seed: settings.seed, steps, trainedSeconds: Math.round(elapsed() - trainedFrom) },
          ...{ command: options.command, parent: `${manifest.name}/${manifest.version}` },
          createdAt: new Date().toISOString(),
          metrics: {},
        },
      },
    });
    learned.push({ steps, folder });
  };
  await makeFolder(work.checkpoints);
  try {
    const steps = await adaptWeights({
      ...{
        parameters,
        method,
        threads,
        signal,
        seconds: left,
        steps: options.steps ?? Number.MAX_SAFE_INTEGER,
      },
      ...{ learningRate: settings.learningRate, refreshAt: settings.refreshAt },
      batches: {
        ...{ frames, triplets, intrinsics, targets: settings.targets, batch, seed: settings.seed },
        restyledShare: settings.restyledShare,
        sourceAugmentation: settings.sourceAugmentation,
        source: { ...samples, first: 0 },
        memory: await openMemory(options.memoryFolder, view),
      },
      snapshotAt: settings.snapshotAt,
      onSnapshot: keep,
      onStep: (step, share) => {
        log.add(step);
        if (step.step % 25 !== 0) return;
        const { photometric, depth } = step.metrics;
        options.report(
          `step ${step.step}, ${Math.round(100 * share)} % of the budget  photometric ${photometric.toFixed(4)}  ` +
            `source depth ${depth.toFixed(4)}  ${step.computeMs.toFixed(0)} ms`,
        );
      },
    });
    if (signal.aborted) return undefined;
    if (learned[learned.length - 1]?.steps !== steps) await keep(steps);
    return learned;
  } finally {
    await log.close();
  }
}
