import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
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
}

const KEPT = 8;
const FRAMES = 'frames';
const CHECKPOINTS = 'checkpoints';

/**
 * Makes the folder of a run among those of earlier ones, of which the latest are kept, without their checkpoints and the
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

/** What a run leaves. */
const ENTRIES: ReadonlySet<string> = new Set([
  ...['log.csv', 'log.csv.new', 'panels', 'candidate', 'result.json', 'judge.json', FRAMES],
]);

/** @throws TrainingError when anything else than an earlier run's is in the folder. */
async function refuseForeign(folder: string): Promise<void> {
  const namesIn = async (where: string): Promise<string[]> =>
    await readdir(where).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw new TrainingError(`--out ${folder}: ${error.message}`, { cause: error });
    });
  const names = await namesIn(folder);
  let foreign = names.find((name) => !ENTRIES.has(name));
  if (foreign === undefined && names.includes(FRAMES)) {
    // The store of a run that was killed, which goes; pictures of somebody stay.
    const frames = await namesIn(path.join(folder, FRAMES));
    if (frames.length > 0 && !frames.includes('store.json')) foreign = FRAMES;
  }
  if (foreign === undefined) return;
  throw new TrainingError(
    `--out ${folder}: \`${foreign}\` in it is not of an earlier run of \`adapt\`; name another folder.`,
  );
}

/** A folder that the user named; frames of an earlier run in it go. */
export async function openWorkFolder(folder: string): Promise<WorkFolder> {
  await refuseForeign(folder);
  await rm(path.join(folder, FRAMES), { recursive: true, force: true });
  await rm(path.join(folder, CHECKPOINTS), { recursive: true, force: true });
  await makeFolder(folder);
  return {
    folder,
    frames: path.join(folder, FRAMES),
    checkpoints: path.join(folder, CHECKPOINTS),
    candidate: path.join(folder, 'candidate'),
    panels: path.join(folder, 'panels'),
  };
}
