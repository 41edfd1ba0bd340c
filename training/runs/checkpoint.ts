import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder, writeDurably } from '../../models/durable-files.js';
import { makeFolder } from '../../msgs/files/make-folder.js';
import { TrainingError } from '../errors.js';

/** A checkpoint is a folder of files that belong together. */
export type CheckpointFiles = Readonly<Record<string, Uint8Array | string>>;

/**
 * Replaces the checkpoint `folder` as a whole. It is written aside, synced, then renamed, so that a kill at any moment leaves
 * the old one or the new one, complete.
 */
export async function writeCheckpoint(folder: string, files: CheckpointFiles): Promise<void> {
  const fresh = `${folder}.new`;
  const old = `${folder}.old`;
  await rm(fresh, { recursive: true, force: true });
  await makeFolder(fresh);
  for (const [name, content] of Object.entries(files)) await writeDurably(path.join(fresh, name), content);
  await syncFolder(fresh);
  // Without `folder`, a kill came between the two renames below and `old` is all there is: it stays until the end.
  if (existsSync(folder)) {
    await rm(old, { recursive: true, force: true });
    await rename(folder, old);
  }
  await rename(fresh, folder);
  await syncFolder(path.dirname(folder));
  await rm(old, { recursive: true, force: true });
}

/** A file of the checkpoint; of the one before when the last replacement was cut off half way. @throws TrainingError when there is none. */
export async function readCheckpoint(folder: string, name: string): Promise<Uint8Array> {
  const source = existsSync(folder) ? folder : `${folder}.old`;
  try {
    return await readFile(path.join(source, name));
  } catch (error) {
    throw new TrainingError(`There is no checkpoint to read \`${name}\` from in ${folder}.`, {
      cause: error,
    });
  }
}

/** Whether there is a checkpoint to resume from. */
export function hasCheckpoint(folder: string): boolean {
  return existsSync(folder) || existsSync(`${folder}.old`);
}
