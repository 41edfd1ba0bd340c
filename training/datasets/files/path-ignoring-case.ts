import path from 'node:path';
import { FolderNames } from './folder-names.js';

/**
 * A path within a folder, whatever the case of the letters of its parts. They are read as they stand on the disk, or as they
 * were asked for from the first one on that is not there.
 * @throws TrainingError when a folder on the way cannot be read.
 */
export async function pathIgnoringCase(folder: string, ...parts: readonly string[]): Promise<string> {
  let at = folder;
  for (const part of parts) at = (await FolderNames.of(at)).find(part) ?? path.join(at, part);
  return at;
}
