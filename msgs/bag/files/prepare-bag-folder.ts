import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MessageError } from '../../errors.js';
import { makeFolder } from '../../files/make-folder.js';

/** What rosbag2 and this project leave in a bag folder. */
const BAG_ENTRY = /^metadata\.yaml(\.tmp)?$|\.mcap(\.zstd)?$|\.db3(-wal|-shm|-journal)?(\.zstd)?$/;

/**
 * Makes `folder` an empty folder. A folder with content is refused, unless `overwrite` is set and nothing but a bag
 * is in it: then the bag's files are deleted.
 */
export async function prepareBagFolder(folder: string, overwrite: boolean): Promise<void> {
  let names: string[];
  try {
    await makeFolder(folder);
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
