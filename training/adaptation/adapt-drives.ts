import { cp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ModelRunner } from '../../models/model-runner.js';
import type { BagReader } from '../../msgs/bag/bag-reader.js';
import { openBag } from '../../msgs/bag/open-bag.js';
import type { RgbPicture } from '../../msgs/picture/rgb-picture.js';
import { writePng } from '../../msgs/picture/write-png.js';
import { SampleStore } from '../datasets/stores/sample-store.js';
import { TrainingError } from '../errors.js';
import type { AdaptDrivesOptions } from './adapt-drives-options.js';
import { ADAPTATION_METHODS } from './adaptation-methods.js';
import { adaptationPanel, beforeAndAfter } from './adaptation-panel.js';
import { lensDoubts } from './drive/lens-doubts.js';
import { type Drives, surveyDrives } from './drive/survey-drives.js';
import { type ContenderReport, chooseContender } from './judge/choose-contender.js';
import {
  type Contender,
  contendersOf,
  type LearnedModel,
  type LearningProgress,
} from './judge/contenders.js';
import { MOST_GUARD_FRAMES } from './judge/guard-drives.js';
import { rememberGuard } from './judge/guard-memory.js';
import { Judge, type JudgeReport } from './judge/judge.js';
import type { JudgedDrive } from './judge/judged-drive.js';
import { otherDrives } from './judge/other-drives.js';
import { type DriveMemory, draftMemory, openMemory } from './learning/drive-memory.js';
import { missingSamples, rehearsedCount, sourceDomains, sourceSamples } from './learning/source-samples.js';
import { DEADLINE_TIMES, judgingSeconds } from './learning-options.js';
import { PreparingTime } from './preparing-time.js';
import { refusalOf } from './refusal-of.js';
import { runClock } from './run-clock.js';
import { prepareLessons } from './teacher/lessons.js';
import type { WorkFolder } from './work-folder.js';

export type AdaptationOutcome = AdaptationEnd & {
  /** What of the drives could not be read, one sentence each. */
  readonly damage?: readonly string[];
};

type AdaptationEnd =
  | { readonly kind: 'refused'; readonly reason: string }
  /** `kept`: learning was not finished, and the next run goes on from its steps. */
  | { readonly kind: 'stopped'; readonly kept: boolean }
  | {
      readonly kind: 'judged';
      readonly report: JudgeReport;
      /** Everybody who was a candidate, and why it was taken or not. */
      readonly contenders: readonly ContenderReport[];
      readonly candidate: string;
      readonly steps: number;
      /** Progress of learning, if it may go on another night. */
      readonly progress?: LearningProgress | undefined;
      /** Memory of past drives and these, to be committed if the candidate is promoted. */
      readonly memory?: DriveMemory;
    };

/** Learns from recorded drives and has the result judged on parts of them that were kept aside. Promotes nothing. */
export async function adaptDrives(options: AdaptDrivesOptions): Promise<AdaptationOutcome> {
  const { minutes, threads } = options;
  // Judging alone may be given no time: the first candidate is judged in any case.
  const deadlineMinutes = options.deadlineMinutes ?? Math.max(1, DEADLINE_TIMES * minutes);
  if (!(deadlineMinutes > 0)) {
    throw new TrainingError(`--deadline: expected minutes above \`0\`, got ${deadlineMinutes}.`, {
      field: '--deadline',
    });
  }
  const elapsed = runClock({ minutes, deadlineMinutes, threads });
  const readers: BagReader[] = [];
  const parent = await ModelRunner.open(options.parent, options.threads);
  try {
    for (const bag of options.bags) readers.push(await openBag(bag));
    const end = await run(options, parent, readers, elapsed);
    const damage = readers.flatMap(({ problems }) =>
      problems.map(({ file, what, lost }) => `${file}: ${what}; lost: ${lost}`),
    );
    for (const sentence of damage) options.report(`damaged: ${sentence}`);
    return { ...end, damage };
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
): Promise<AdaptationEnd> {
  const { work, threads, signal, judgeOnly } = options;
  const domains = sourceDomains(parent.manifest, options.sourceDomain);
  const drives = await surveyDrives(options, parent, readers, (pictures, size) => {
    if (judgeOnly !== undefined) return () => {};
    const set = { ...{ folder: options.sampleFolder, domains, ...size }, counts: options.settings.samples };
    const time = new PreparingTime({
      ...{ minutes: options.minutes, elapsed },
      pictures: pictures + (options.guards?.length ?? 0) * MOST_GUARD_FRAMES,
      samples: missingSamples(set, 'rehearsed') + missingSamples(set, 'judged'),
    });
    return () => time.looked();
  });
  if (signal.aborted) return { kind: 'stopped', kept: false };
  const { view, frames } = drives;
  const { method } = options;
  const reason = refusalOf(method, drives, ADAPTATION_METHODS);
  if (reason !== undefined) return { kind: 'refused', reason };
  const { learn, judge: judgedBy } = method.targets(drives);
  const what = method.needsMotion ? 'triplets' : 'pictures';
  options.report(`${learn} ${what} to learn from, ${judgedBy} to judge by`);
  const names = options.bags.map((bag) => path.basename(path.resolve(bag)));
  if (judgeOnly === undefined) for (const line of lensDoubts(drives, names)) options.report(line);
  // Before anything is learned: a guard that cannot be read must not cost the learning.
  const guards = await otherDrives(options, parent, names);
  if (signal.aborted) return { kind: 'stopped', kept: false };

  const counts = {
    ...options.settings.samples,
    // Depth learned in many steps would know few samples by heart; labels alone do with few, which are drawn in minutes.
    rehearsed: rehearsedCount(
      options.settings.samples.rehearsed,
      method.improves.includes('depth') ? learn : 0,
    ),
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
    const rehearsed = await samples('rehearsed');
    const { teaching } = options;
    const lessons = teaching && (await prepareLessons(options, teaching, parent, drives, readers));
    if (signal.aborted) return { kind: 'stopped', kept: false };
    const logFile = path.join(work.folder, 'log.csv');
    const trained = await method.learn({
      ...{ options, parent, drives, samples: rehearsed, domains, elapsed },
      ...{ share: 1, logFile, ...(lessons && { lessons }) },
    });
    if (trained === undefined) return { kind: 'stopped', kept: true };
    learned = trained;
  }
  const judged = await samples('judged');
  if (signal.aborted) return { kind: 'stopped', kept: learned.at(-1)?.progress?.kept !== undefined };
  const kept: JudgedDrive = {
    ...{ name: names.join(), store: frames, views: drives.views },
    ...{ triplets: drives.judge, truth: drives.truth },
    ...(typeof options.cameraHeight === 'number' && { cameraHeight: options.cameraHeight }),
  };
  const judge = await Judge.open({
    ...{ drive: kept, parent, threads, improves: method.improves },
    ...(!method.needsMotion && { pictures: drives.pictures.judge }),
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
    const until = elapsed() + judgingSeconds(options.minutes);
    const choice = await chooseContender({
      ...{ judge, contenders, signal, report: options.report },
      open: (contender) => ModelRunner.open(contender.folder, threads),
      hasTime: () => elapsed() < until,
    });
    if (signal.aborted) return { kind: 'stopped', kept: learned.at(-1)?.progress?.kept !== undefined };
    const { progress } = learned[learned.length - 1];
    return { ...(await finish(options, drives, kept, choice)), progress };
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
): Promise<Extract<AdaptationEnd, { kind: 'judged' }>> {
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
    const judged =
      drives.judge.length > 0
        ? drives.judge.map(({ target }) => target)
        : drives.pictures.judge.map(({ index }) => index);
    const shown = [0.1, 0.4, 0.7, 0.95].map((at) => judged[Math.floor(at * judged.length)]);
    const pictures = await beforeAndAfter(drives.frames, shown, runner);
    const write = (name: string, picture: RgbPicture) =>
      writePng(path.join(work.panels, name), picture, { inOwnFolder: true });
    await write('before-after.png', adaptationPanel(pictures));
    // One by one, for who wants to lay one over the other.
    for (const [index, { picture, before, after }] of pictures.entries()) {
      for (const [name, each] of Object.entries({ picture, before, after }))
        await write(`${index + 1}-${name}.png`, each);
    }
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

/** Pictures of the part that was learned from, with what the candidate sees in them. */
async function remembered(
  { bags, memoryFolder, method }: AdaptDrivesOptions,
  drives: Drives,
  candidate: ModelRunner,
): Promise<DriveMemory> {
  const { view, views, frames } = drives;
  const adapt = method.needsMotion
    ? drives.adapt.map(({ target: index, drive }) => ({ index, drive }))
    : drives.pictures.adapt;
  const store = SampleStore.open(frames.folder, frames.description);
  try {
    return await draftMemory(memoryFolder, view, {
      name: bags.map((bag) => path.basename(path.resolve(bag))).join(),
      frames: adapt.length,
      frame: async (at) => {
        const { index, drive } = adapt[at];
        const sample = store.read(index);
        const { intrinsics } = views[drive];
        const { depth, labels } = await candidate.run(sample, intrinsics);
        return { ...sample, intrinsics, depthMeters: depth, labels: labels ?? sample.labels };
      },
    });
  } finally {
    store.close();
  }
}
