import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Manifest } from '../../models/manifest.js';
import { type LoadedModel, loadModel } from '../../models/model-store.js';
import { resolveModel } from '../../models/resolve-model.js';
import { formatVersionId, type VersionId } from '../../models/versions/version-id.js';
import { VersionStore } from '../../models/versions/version-store.js';
import { makeFolder } from '../../msgs/files/make-folder.js';
import { ProcessLock } from '../../msgs/files/process-lock.js';
import { TrainingError } from '../errors.js';
import { calibrationPictures } from '../quantization/calibration-pictures.js';
import { adaptDrives } from './adapt-drives.js';
import type { AdaptDrivesOptions } from './adapt-drives-options.js';
import type { AdaptationMethod } from './adaptation-method.js';
import { adaptationMethod } from './adaptation-methods.js';
import { checkDrives } from './drive/check-drives.js';
import { floatParent, roundLikeParent } from './eight-bit-parent.js';
import type { ContenderReport } from './judge/choose-contender.js';
import type { LearningProgress } from './judge/contenders.js';
import type { JudgeReport } from './judge/judge.js';
import { commitMemory } from './learning/drive-memory.js';
import { openTeachers, parseTeachers } from './teacher/open-teachers.js';
import type { Teacher } from './teacher/teacher.js';
import type { Teaching } from './teacher/teaching.js';
import { checkWorkFolder, makeWorkFolder, openWorkFolder } from './work-folder.js';

export interface RunAdaptationOptions
  extends Omit<
    AdaptDrivesOptions,
    | 'method'
    | 'teaching'
    | 'parent'
    | 'judgeOnly'
    | 'work'
    | 'sampleFolder'
    | 'memoryFolder'
    | 'guardFolder'
    | 'learningFolder'
    | 'version'
  > {
  /** The first of ADAPTATION_METHODS by default. */
  readonly method?: AdaptationMethod | undefined;
  /** Who labels the drives' pictures: as `--teacher` names them (parseTeachers), or teachers themselves. */
  readonly teachers?: readonly (string | Teacher)[];
  /** What is adapted or, with `judgeOnly`, judged: folder or NAME/N; the current version by default. */
  readonly model: string | undefined;
  readonly judgeOnly: boolean;
  /** Whether what the judge promotes becomes a version. */
  readonly promote: boolean;
  readonly out: string | undefined;
  /** Whether an earlier run in `out` may be replaced; default false. */
  readonly overwrite?: boolean | undefined;
}

export interface AdaptationResult {
  readonly outcome: 'promoted' | 'rejected' | 'undecided' | 'refused' | 'stopped';
  readonly reasons: readonly string[];
  /** Number of the new version. */
  readonly version?: string;
  /** Whether it is the current one now. */
  readonly current?: boolean;
  readonly parent: string;
  /** What of the drives could not be read, one sentence each; absent where nothing is missing. */
  readonly damage?: readonly string[];
  readonly steps?: number;
  /** Progress of learning, if it may go on another night. */
  readonly progress?: LearningProgress;
  /** Work folder: log, panels, candidate. */
  readonly folder?: string;
  readonly judge?: JudgeReport;
  /** Everybody who was a candidate, and why it was taken or not. */
  readonly contenders?: readonly ContenderReport[];
  /** One or a few lines for people. */
  readonly text: string;
}

/** Pictures of the drives that the ranges of an adapted 8-bit model are chosen on. */
const CALIBRATION_PICTURES = 24;

/**
 * One adaptation on this machine, from the current (or a named) version to a verdict and, where it is good, a new version.
 * Only one runs at a time. A kill at any moment leaves the versions as they were or with the new one complete.
 */
export async function runAdaptation(
  options: RunAdaptationOptions,
  store = new VersionStore(),
): Promise<AdaptationResult> {
  // What is wrong with the request is no matter of who else is at work.
  await checkRequest(options, store);
  await makeFolder(store.home);
  const lock = await ProcessLock.acquire(path.join(store.home, '.adapting'), {
    waitMs: 0,
    what: `adaptations in ${store.home}`,
  });
  try {
    await store.tidy();
    return await run(options, store);
  } finally {
    await lock.release();
  }
}

/** @throws what is wrong with the folder, model, teachers and drives. */
async function checkRequest(options: RunAdaptationOptions, store: VersionStore): Promise<void> {
  if (options.out !== undefined) await checkWorkFolder(options.out, options.overwrite);
  const named = await resolveModel(options.model, store);
  const model = await loadModel(named);
  if (!options.judgeOnly) requireTrainable(model);
  await teachersOf(options, store);
  await checkDrives(options);
}

async function run(options: RunAdaptationOptions, store: VersionStore): Promise<AdaptationResult> {
  const current = await store.currentFolder();
  const named = await resolveModel(options.model, store);
  const parent = options.judgeOnly ? current : named;
  const loaded = await loadModel(parent);
  const { manifest } = loaded;
  if (!options.judgeOnly) requireTrainable(loaded);
  const id: VersionId = (await isSameFolder(parent, current))
    ? await store.current()
    : { name: manifest.name, version: manifest.version };
  const open = await teachersOf(options, store);
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const work =
    options.out === undefined
      ? await makeWorkFolder(path.join(store.home, '.adaptations'), `${stamp}-${process.pid}`)
      : await openWorkFolder(options.out, { overwrite: options.overwrite });
  const version = await store.nextVersion(manifest.name);
  const outcome = await adaptDrives({
    ...options,
    method: options.method ?? adaptationMethod('sgdepth'),
    // A run whose folder nobody named leaves what the next one goes on with elsewhere.
    teaching: open && {
      open,
      notesFolder: options.out === undefined ? path.join(store.home, '.teachers') : work.teachers,
    },
    ...{
      parent: (await isJudgedRounded(options, named)) ? parent : await floatParent(loaded, work.folder),
      work,
      version,
      sampleFolder: path.join(store.home, '.samples'),
    },
    memoryFolder: path.join(store.home, '.memory'),
    guardFolder: path.join(store.home, '.guards'),
    learningFolder: path.join(store.home, '.learning'),
    judgeOnly: options.judgeOnly ? named : undefined,
  });
  const { damage = [] } = outcome;
  const about = {
    ...{ parent: formatVersionId(id), folder: work.folder },
    ...(damage.length > 0 && { damage }),
  };
  if (outcome.kind === 'stopped') {
    const next = outcome.kept
      ? 'the same command goes on from the steps that learning took'
      : 'nothing of this run is kept';
    return {
      ...about,
      ...{ outcome: 'stopped', reasons: [], text: `stopped: ${about.parent} stays as it is; ${next}` },
    };
  }
  if (outcome.kind === 'refused') {
    const text = `refused: ${outcome.reason}. ${about.parent} stays as it is.`;
    return { ...about, outcome: 'refused', reasons: [outcome.reason], text };
  }
  const { report, contenders, candidate, steps, memory, progress } = outcome;
  const judged = {
    ...{ ...about, outcome: report.verdict, reasons: report.reasons, steps },
    ...{ judge: report, contenders, ...(progress && { progress }) },
  };
  const why = [
    ...report.reasons.map((reason) => `  ${reason}`),
    ...others(contenders),
    ...goingOn(progress),
  ].join('\n');
  if (report.verdict !== 'promoted') {
    return { ...judged, text: `${report.verdict}: ${about.parent} stays as it is\n${why}` };
  }
  if (manifest.quantization !== undefined && !options.judgeOnly) {
    const failure = await roundCandidate(manifest.quantization, candidate, options);
    if (failure !== undefined) {
      const reasons = [`8 bits: ${failure}`];
      return {
        ...judged,
        outcome: 'rejected',
        reasons,
        text: `rejected: ${about.parent} stays as it is\n  ${reasons[0]}`,
      };
    }
  }
  if (!options.promote)
    return { ...judged, text: `found better than ${about.parent}, not promoted (${candidate})\n${why}` };
  const promotion = await store.promote(candidate, id);
  if (memory !== undefined) await commitMemory(memory);
  const name = formatVersionId(promotion.version);
  const note = promotion.current
    ? `promoted: ${name} is current (was ${about.parent})`
    : `promoted: ${name} is stored, but ${formatVersionId(await store.current())} stays current, which is not its ` +
      `parent; \`rxdepth model use ${name}\` chooses it`;
  return { ...judged, version: name, current: promotion.current, text: `${note}\n${why}` };
}

/** Whether a model is judged that computes in 8 bits: against the current one as that runs, not against its float form. */
async function isJudgedRounded({ judgeOnly }: RunAdaptationOptions, named: string): Promise<boolean> {
  return judgeOnly && (await loadModel(named)).manifest.quantization !== undefined;
}

type OpenTeachers = Teaching['open'];

/** Finds the teachers; before anything is made or replaced. */
async function teachersOf(
  { teachers, threads, judgeOnly, method }: RunAdaptationOptions,
  store: VersionStore,
): Promise<OpenTeachers | undefined> {
  if (teachers === undefined || teachers.length === 0) return undefined;
  if (judgeOnly) {
    throw new TrainingError(
      '--teacher: with --judge-only nothing is learned, and nobody is asked; leave one of them out',
    );
  }
  if (method?.usesTeachers === false) {
    throw new TrainingError(
      `--teacher: what it says counts where the motion of the camera confirms it, of which \`--method ${method.name}\` learns ` +
        `nothing; \`--method sgdepth\` or \`--method sgdepth,${method.name}\` would`,
    );
  }
  const own = teachers.filter((teacher) => typeof teacher !== 'string');
  const names = await parseTeachers(
    teachers.filter((teacher) => typeof teacher === 'string'),
    store,
  );
  return async (parent, scratch) => [...(await openTeachers(names, { parent, scratch, threads })), ...own];
}

/** Before a drive is looked at. @throws TrainingError for an imported network, which nothing here can train. */
function requireTrainable({ folder, manifest }: LoadedModel): void {
  if (manifest.network.architecture !== 'onnx') return;
  throw new TrainingError(
    `${folder} was imported from ONNX: its network runs as it is, and cannot be trained here. Adapt a model of this project ` +
      '(`--model rxdepth-lite/0`); an imported one can be judged against the current one (`--judge-only`), and teach depth (`--teacher`).',
  );
}

/** @returns why the candidate cannot be rounded as its parent is; undefined where it is. */
async function roundCandidate(
  quantization: NonNullable<Manifest['quantization']>,
  candidate: string,
  { bags, names, threads, report }: RunAdaptationOptions,
): Promise<string | undefined> {
  try {
    const calibration = bags.map((bag) => path.basename(path.resolve(bag))).join(', ');
    const pictures = await calibrationPictures(bags, CALIBRATION_PICTURES, names);
    await roundLikeParent(quantization, candidate, { pictures, calibration, threads, report });
    return undefined;
  } catch (error) {
    if (error instanceof TrainingError) return error.message;
    throw error;
  }
}

/** What to do where the time was up before all was learned. */
function goingOn(progress: LearningProgress | undefined): string[] {
  if (progress?.kept === undefined) return [];
  return [
    `  the time was up before ${progress.planned} steps were taken: the same command, with the same version current, goes on ` +
      `from step ${progress.kept} (--minutes gives it more time, --restart begins anew)`,
  ];
}

/** A line for everybody who was a candidate, where there were several. */
function others(contenders: readonly ContenderReport[]): string[] {
  if (contenders.length < 2) return [];
  return contenders.map(({ name, verdict, reasons }) => `  ${name}: ${verdict} (${reasons.join('; ')})`);
}

async function isSameFolder(a: string, b: string): Promise<boolean> {
  return (await realpath(a)) === (await realpath(b));
}
