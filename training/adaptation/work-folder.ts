import { existsSync } from 'node:fs';
import { readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkFolderPlace } from '../../msgs/files/check-folder-place.js';
import { makeFolder } from '../../msgs/files/make-folder.js';
import { TrainingError } from '../errors.js';

/** What a run leaves for people: log, panels, candidate, verdict. Frames go when it ends. */
export interface WorkFolder {
  readonly folder: string;
  readonly frames: string;
  /** What learning left on its way, and what lies between it and the parent: model folders. */
  readonly checkpoints: string;
  /** The one that was chosen. */
  readonly candidate: string;
  readonly panels: string;
  /** What teachers said. */
  readonly teachers: string;
}

const KEPT = 8;
const FRAMES = 'frames';
const CHECKPOINTS = 'checkpoints';
const TEACHERS = 'teachers';

/**
 * Makes the folder of a run among those of earlier ones. The latest of these are kept, without their checkpoints and the
 * frames that a killed run left behind. To be called by one process at a time.
 * @param name sorts by time.
 */
export async function makeWorkFolder(parent: string, name: string): Promise<WorkFolder> {
  await makeFolder(parent);
  const earlier = (await readdir(parent)).filter((entry) => entry !== name).sort();
  for (const [i, entry] of earlier.entries()) {
    const old = i < earlier.length - (KEPT - 1);
    const gone = old ? [entry] : [path.join(entry, FRAMES), path.join(entry, CHECKPOINTS)];
    for (const each of gone) await rm(path.join(parent, each), { recursive: true, force: true });
  }
  return await openWorkFolder(path.join(parent, name));
}

/** Says from the first moment on that the folder is a run's. */
const MARK = 'adaptation.json';
const MARK_TEXT = `${JSON.stringify({ madeBy: 'rxdepth adapt' })}\n`;
/** Logs of several methods. */
const LOG = /^log-[a-z0-9-]+\.csv(\.new)?$/;
/** What a run leaves. */
const ENTRIES: ReadonlySet<string> = new Set([
  ...[MARK, 'log.csv', 'log.csv.new', 'panels', 'candidate', 'result.json', 'judge.json', 'contenders.json'],
  ...['float-parent', FRAMES, CHECKPOINTS, TEACHERS],
]);

/**
 * A folder that the user named. With `overwrite` what an earlier run left there goes, all at once.
 * @throws TrainingError when anything else than an earlier run's is in the folder, or that run's, without `overwrite`.
 */
export async function openWorkFolder(
  folder: string,
  { overwrite = false }: { readonly overwrite?: boolean } = {},
): Promise<WorkFolder> {
  const names = await checkWorkFolder(folder, overwrite);
  if (names.length > 0) await removeRun(folder, names);
  await makeFolder(folder);
  await writeFile(path.join(folder, MARK), MARK_TEXT);
  return {
    folder,
    frames: path.join(folder, FRAMES),
    checkpoints: path.join(folder, CHECKPOINTS),
    candidate: path.join(folder, 'candidate'),
    panels: path.join(folder, 'panels'),
    teachers: path.join(folder, TEACHERS),
  };
}

/**
 * Refuses what `openWorkFolder` refuses, and changes nothing.
 * @returns the names of what is there of an earlier run.
 */
export async function checkWorkFolder(folder: string, overwrite = false): Promise<readonly string[]> {
  await checkFolderPlace(folder);
  const names = await namesIn(folder);
  if (names.length > 0) {
    const foreign = (await isMarked(folder))
      ? names.find((name) => !ENTRIES.has(name) && !LOG.test(name))
      : names[0];
    if (foreign !== undefined) {
      throw new TrainingError(
        `--output ${folder} is left alone: \`${foreign}\` in it is not of an earlier run of \`adapt\`; name another folder.`,
        { field: '--output' },
      );
    }
    if (!overwrite) {
      throw new TrainingError(
        `--output ${folder} holds an earlier run of \`adapt\`: name another folder, or add \`--overwrite\` to replace it.`,
        { field: '--output' },
      );
    }
  }
  return names;
}

/**
 * Takes an earlier run away at one moment: a kill leaves all of it, or nothing of it under its name. What teachers said
 * stays: it is known by its pictures, and dear.
 */
async function removeRun(folder: string, names: readonly string[]): Promise<void> {
  const place = await realpath(folder);
  const aside = path.join(path.dirname(place), `.${path.basename(place)}.replaced`);
  try {
    if (await isMarked(aside)) await drop(aside, place); // of a run that was killed while it did this
    await rename(place, aside);
    await makeFolder(place); // also where the name is a link to it
    await drop(aside, place);
  } catch (error) {
    // A mount point, or a parent that is not ours. The mark goes last: a kill in between leaves a folder that is known.
    if (!existsSync(place)) throw error;
    for (const name of [...names.filter((each) => each !== MARK && each !== TEACHERS), MARK])
      await rm(path.join(place, name), { recursive: true, force: true });
  }
}

/** Removes a run, but for what teachers said where `place` has nothing of theirs. */
async function drop(run: string, place: string): Promise<void> {
  const [said, kept] = [path.join(run, TEACHERS), path.join(place, TEACHERS)];
  if (existsSync(said) && !existsSync(kept)) await rename(said, kept);
  await rm(run, { recursive: true, force: true });
}

async function isMarked(folder: string): Promise<boolean> {
  return (await readFile(path.join(folder, MARK), 'utf8').catch(() => '')) === MARK_TEXT;
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new TrainingError(`--output ${folder}: ${error.message}`, { field: '--output', cause: error });
  });
}
