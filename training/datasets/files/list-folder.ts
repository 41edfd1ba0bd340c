import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../../../msgs/code-of.js';
import { messageOf } from '../../../msgs/message-of.js';
import { TrainingError } from '../../errors.js';

/**
 * Names in a folder but for hidden ones, sorted.
 * @param expected what the folder should hold, for the message.
 * @throws TrainingError naming the folder when it cannot be read.
 */
export async function listFolder(folder: string, expected: string): Promise<string[]> {
  const names = await listFolderIfThere(folder);
  if (names === undefined)
    throw new TrainingError(`${folder} is missing; expected ${expected}.`, { file: folder });
  return names;
}

/** Names of the folders in a folder, sorted: beside them lie readmes. @param expected and throws as `listFolder`. */
export async function foldersIn(folder: string, expected: string): Promise<string[]> {
  const names = await listFolder(folder, expected);
  const within = await Promise.all(names.map((name) => listFolderIfThere(path.join(folder, name))));
  return names.filter((_, i) => within[i] !== undefined);
}

/** Names in a folder but for hidden ones (`.DS_Store`, `._rgb_00001.jpg`), sorted; undefined when there is no such folder. @throws TrainingError when it cannot be read. */
export async function listFolderIfThere(folder: string): Promise<string[] | undefined> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  } catch (cause) {
    const [code, message] = [codeOf(cause), messageOf(cause)];
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new TrainingError(`${folder} cannot be read: ${message}.`, { file: folder, cause });
  }
}
