import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { MessageError } from '../errors.js';

/** What rosbag2 and this project leave in a bag folder. */
const BAG_ENTRY = /^metadata\.yaml(\.tmp)?$|\.mcap(\.zstd)?$|\.db3(-wal|-shm|-journal)?(\.zstd)?$/;

/**
 * Makes `folder` an empty folder. A folder with content is refused, unless `overwrite` is set and nothing but a bag
 * is in it: then the bag's files are deleted.
 */
export async function prepareBagFolder(folder: string, overwrite: boolean): Promise<void> {
  let names: string[];
  try {
    await makeFolder(resolve(folder));
    names = await readdir(folder);
  } catch (cause) {
    throw new MessageError(`cannot make the bag folder \`${folder}\`: ${(cause as Error).message}`, {
      cause,
    });
  }
  if (names.length === 0) return;
  if (!overwrite) {
    throw new MessageError(
      `the folder \`${folder}\` is not empty: choose another one, or allow to overwrite it`,
    );
  }
  const foreign = names.find((name) => !BAG_ENTRY.test(name));
  if (foreign !== undefined) {
    throw new MessageError(
      `\`${folder}\` is not overwritten: \`${foreign}\` in it is not part of a bag; choose another folder or move it away`,
    );
  }
  try {
    for (const name of names) await rm(join(folder, name));
  } catch (cause) {
    throw new MessageError(`cannot delete the old bag in \`${folder}\`: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Makes the folder and those above it. Node's own recursive `mkdir` never returns on file systems like `/proc`. */
async function makeFolder(folder: string): Promise<void> {
  const status = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (status?.isDirectory()) return;
  if (status !== undefined) throw new Error('a file of this name is in the way');
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  await mkdir(folder);
}
