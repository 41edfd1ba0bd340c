import { lstat, mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { MessageError } from '../errors.js';

/**
 * Makes the folder and those above it. Node's own recursive `mkdir` never returns on file systems like `/proc`.
 * @throws MessageError naming the folder and what is in the way.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await make(resolve(path));
  } catch (cause) {
    throw new MessageError(`the folder ${path} cannot be made: ${(cause as Error).message}`, {
      file: path,
      cause,
    });
  }
}

async function make(folder: string): Promise<void> {
  const status = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    // ENOTDIR: the file in the way is found, and named, further up.
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    return undefined;
  });
  if (status?.isDirectory()) return;
  if (status !== undefined) throw new Error(`a file of this name is in the way: ${folder}`);
  const link = await lstat(folder).catch(() => undefined);
  if (link?.isDirectory()) return; // another process has made it since
  if (link?.isSymbolicLink()) throw new Error(`a symbolic link that leads nowhere is in the way: ${folder}`);
  if (dirname(folder) !== folder) await make(dirname(folder));
  try {
    await mkdir(folder);
  } catch (error) {
    // Another process may have been quicker.
    const made = await stat(folder).catch(() => undefined);
    if (made?.isDirectory() !== true) throw error;
  }
}
