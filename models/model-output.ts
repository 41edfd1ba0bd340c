import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { checkFolderPlace } from '../msgs/files/check-folder-place.js';
import { checkSeparate } from '../msgs/files/check-separate.js';
import { makeFolder } from '../msgs/files/make-folder.js';
import { truePath } from '../msgs/files/true-path.js';
import { syncFolder } from './durable-files.js';
import { ModelError } from './errors.js';
import { MANIFEST_FILE } from './model-store.js';
import { rxdepthHome } from './rxdepth-home.js';

export interface ModelOutputOptions {
  /** Whether a model folder that is there may be replaced; anything else never is. */
  readonly overwrite?: boolean | undefined;
  /** What the model is made from and what each is called: the output must not be, hold or lie in any of them. */
  readonly inputs?: readonly (readonly [path: string, what: string])[];
}

/** Reports that this project writes into a model folder after its manifest. */
const REPORTS: ReadonlySet<string> = new Set(['judge.json']);
/** More than any manifest has, bytes: a larger file is not read to find out. */
const LONGEST_MANIFEST = 16 << 20;

/**
 * Decides whether a model folder may be written at a place. It may be written where nothing is, where an empty folder is, or,
 * with `overwrite`, where a model folder is and nothing else. Changes nothing.
 * @returns the names of the files of the model that is there; undefined where there is none.
 * @throws ModelError saying what is in the way and what to do, MessageError for a place within an input.
 */
export async function checkModelOutput(
  folder: string,
  { overwrite = false, inputs = [] }: ModelOutputOptions = {},
): Promise<readonly string[] | undefined> {
  await checkSeparate(folder, 'the model folder', inputs);
  const found = await lstat(path.resolve(folder)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new ModelError(`${folder} cannot be a model folder: ${error.message}`, {
      file: folder,
      cause: error,
    });
  });
  if (found === undefined) {
    await checkFolderPlace(folder);
    return undefined;
  }
  if (found.isSymbolicLink())
    throw new ModelError(`${folder} is a symbolic link: name the folder that it leads to, or another one.`, {
      file: folder,
    });
  if (!found.isDirectory())
    throw new ModelError(`${folder} is a file: name a folder for the model.`, { file: folder });
  const names = await namesIn(folder);
  if (names.length === 0) return undefined;
  const foreign = await foreignEntry(folder, names);
  if (foreign !== undefined) {
    throw new ModelError(
      `${folder} is left alone: it is not empty, and it is not a model folder alone (${foreign}). Name another folder.`,
      { file: folder },
    );
  }
  if (!overwrite) {
    throw new ModelError(
      `${folder} holds a model: name another folder, or add \`--overwrite\` to replace it.`,
      { file: folder },
    );
  }
  if (await isVersion(folder)) {
    throw new ModelError(
      `${folder} is a version of this machine, which never changes: name another folder.`,
      { file: folder },
    );
  }
  return names;
}

/**
 * Puts a folder of files in its place: `write` fills a folder beside it, which is synced to the disk and renamed. A model
 * that is there is moved aside first and removed last. A kill at any moment leaves one of the two complete, between the two
 * renames beside the place, as `PLACE.old-...` and `PLACE.new-...`.
 * @throws ModelError as `checkModelOutput`, and when the place cannot be written.
 */
export async function placeModelFolder(
  folder: string,
  options: ModelOutputOptions,
  write: (fresh: string) => Promise<void>,
): Promise<void> {
  await checkModelOutput(folder, options);
  const place = path.resolve(folder);
  const parent = path.dirname(place);
  // Names of their own: what a user, or a killed process, has beside it is not ours to remove.
  const unique = `${process.pid}-${randomBytes(4).toString('hex')}`;
  const fresh = `${place}.new-${unique}`;
  const old = `${place}.old-${unique}`;
  try {
    await makeFolder(parent);
    await mkdir(fresh);
  } catch (cause) {
    throw new ModelError(`${folder} cannot be written: ${(cause as Error).message}`, { file: folder, cause });
  }
  try {
    await write(fresh);
    await syncFolder(fresh);
    // Writing takes a while: what came there meanwhile is not replaced.
    const replaced = await checkModelOutput(folder, options);
    if (replaced === undefined) await rename(fresh, place);
    else await exchange(fresh, place, old, replaced);
    await syncFolder(parent);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new ModelError(`${folder} cannot be written: ${(error as Error).message}`, {
      file: folder,
      cause: error,
    });
  }
}

async function exchange(
  fresh: string,
  place: string,
  old: string,
  replaced: readonly string[],
): Promise<void> {
  await rename(place, old);
  try {
    await rename(fresh, place);
  } catch (error) {
    await rename(old, place);
    throw error;
  }
  await syncFolder(path.dirname(place));
  // Only what was looked at goes.
  for (const name of replaced) await rm(path.join(old, name), { force: true });
  try {
    await rmdir(old);
  } catch (cause) {
    throw new ModelError(`${place} was written; what else came into the folder before is in ${old}.`, {
      file: place,
      cause,
    });
  }
}

/** Whether a folder is HOME/NAME/N. */
async function isVersion(folder: string): Promise<boolean> {
  const [home, place] = await Promise.all([truePath(rxdepthHome()), truePath(folder)]);
  return /^[a-z0-9][^/\\]*[/\\]\d+$/.test(path.relative(home, place));
}

/** The first entry that no model folder has, and why; undefined where all are a model's. */
async function foreignEntry(folder: string, names: readonly string[]): Promise<string | undefined> {
  if (!names.includes(MANIFEST_FILE)) return `it has no \`${MANIFEST_FILE}\``;
  for (const name of names) {
    const entry = await lstat(path.join(folder, name));
    if (!entry.isFile()) return `\`${name}\` is no regular file`;
    if (name === MANIFEST_FILE && entry.size > LONGEST_MANIFEST)
      return `its \`${MANIFEST_FILE}\` is too large`;
  }
  const listed = await listedFiles(path.join(folder, MANIFEST_FILE));
  if (listed === undefined) return `its \`${MANIFEST_FILE}\` is not one of a model`;
  const foreign = names.find((name) => name !== MANIFEST_FILE && !REPORTS.has(name) && !listed.has(name));
  return foreign === undefined ? undefined : `\`${foreign}\` is none of its files`;
}

/** Names of the files that a manifest of any contract lists; undefined when it is none. */
async function listedFiles(file: string): Promise<ReadonlySet<string> | undefined> {
  try {
    const { contract, files } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>; // or throws
    const isManifest = typeof contract === 'number' && typeof files === 'object' && files !== null;
    return isManifest ? new Set(Object.keys(files)) : undefined;
  } catch {
    return undefined;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw new ModelError(`${folder} cannot be listed: ${(cause as Error).message}`, { file: folder, cause });
  }
}
