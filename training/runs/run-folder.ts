import { existsSync } from 'node:fs';
import { readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder, writeDurably } from '../../models/durable-files.js';
import { codeOf } from '../../msgs/code-of.js';
import { LockedError } from '../../msgs/files/locked-error.js';
import { makeFolder } from '../../msgs/files/make-folder.js';
import { ProcessLock } from '../../msgs/files/process-lock.js';
import { messageOf } from '../../msgs/message-of.js';
import { TrainingError } from '../errors.js';
import { hasCheckpoint } from './checkpoint.js';
import { compareOptions, type OptionNames } from './compare-options.js';

/** How options that every run has are called. */
export const RUN_FLAGS = {
  parent: '--init',
  parentParts: '--init-parts',
  encoder: '--init-encoder',
} as const;

const OPTIONS_FILE = 'options.json';
/** Who trains in the folder; hidden, so that nothing takes it for a part of the run. */
const LOCK_FILE = '.rxdepth.lock';
/** What a run writes into its folder beside its options; data have a description of their own. */
const OF_A_RUN = ['checkpoint', 'checkpoint.new', 'checkpoint.old', 'log.csv', 'panels', 'model'];

export interface RunFolder<T extends object> extends OptionNames<T> {
  readonly folder: string;
  /** What the run is asked for now. */
  readonly options: T;
  /** Reads options that were saved. @throws TrainingError when they are of another method. */
  readonly parse: (saved: unknown, file: string) => T;
}

/**
 * Makes the folder of a run and keeps its options there. A folder that has a checkpoint keeps the options that the run was
 * begun with. They are what its model will claim to be made of.
 * @param open reads what the run starts or goes on from; options are kept only once that fits.
 * @throws TrainingError, before anything is written, when the run was begun with other options, or when the folder is
 * somebody else's.
 */
export async function openRunFolder<T extends object, R>(
  run: RunFolder<T>,
  open: () => Promise<R>,
): Promise<R> {
  const { folder, options } = run;
  const file = path.join(folder, OPTIONS_FILE);
  const saved = await readSaved(run, file);
  const begun = hasCheckpoint(path.join(folder, 'checkpoint'));
  if (saved === undefined) await refuseForeign(folder);
  else if (begun) {
    const differences = compareOptions(saved, options, run);
    if (differences.length === 0) return await open();
    throw new TrainingError(
      `${folder} was begun with other options: ${differences.join('; ')}. ` +
        'Go on with the options that it was begun with, or name another folder.',
      { file: folder },
    );
  }
  const opened = await open();
  await makeFolder(folder);
  const draft = `${file}.${process.pid}.part`;
  await writeDurably(draft, `${JSON.stringify(options, null, 2)}\n`);
  await rename(draft, file);
  await syncFolder(folder);
  return opened;
}

/**
 * Makes the folder of a run, in which this process alone trains until the lock is let go. The lock of a process that was
 * killed counts for nothing.
 * @throws LockedError while another process trains there; TrainingError when the folder is somebody else's.
 */
export async function holdRunFolder(folder: string): Promise<ProcessLock> {
  // Nothing, a lock neither, is put into a folder that is not ours.
  if (!existsSync(path.join(folder, OPTIONS_FILE))) await refuseForeign(folder);
  await makeFolder(folder);
  try {
    return await ProcessLock.acquire(path.join(folder, LOCK_FILE), { waitMs: 0, what: `the run ${folder}` });
  } catch (cause) {
    if (cause instanceof LockedError) throw cause;
    throw new TrainingError(`${folder} cannot be a run folder: ${messageOf(cause)}`, {
      file: folder,
      cause,
    });
  }
}

/** @throws TrainingError when `--resume` has nothing to go on from, or a run would start over what is there. */
export function checkResume(folder: string, resume: boolean): void {
  const begun = hasCheckpoint(path.join(folder, 'checkpoint'));
  if (begun && !resume) {
    throw new TrainingError(
      `${folder} holds a checkpoint: add --resume to go on from it, or name another folder.`,
      { file: folder },
    );
  }
  if (resume && !begun && !existsSync(path.join(folder, OPTIONS_FILE))) {
    throw new TrainingError(
      `${folder} is no run folder, there is nothing to go on from: leave --resume out.`,
      { file: folder },
    );
  }
}

async function readSaved<T extends object>({ parse }: RunFolder<T>, file: string): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new TrainingError(`${file} cannot be read: ${messageOf(cause)}`, { file, cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new TrainingError(
      `${file} is not the options of a run (${messageOf(cause)}); name another folder.`,
      { file, cause },
    );
  }
  return parse(json, file);
}

/** Without options of a run, nothing of one may be there. */
async function refuseForeign(folder: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return;
    throw new TrainingError(`${folder} cannot be a run folder: ${messageOf(cause)}`, {
      file: folder,
      cause,
    });
  }
  const taken = names.find((name) => OF_A_RUN.includes(name));
  if (taken === undefined) return;
  throw new TrainingError(
    `${folder} is no run folder (it has no \`${OPTIONS_FILE}\`), but \`${taken}\` is there, which a run would write; ` +
      'name another folder.',
    { file: folder },
  );
}
