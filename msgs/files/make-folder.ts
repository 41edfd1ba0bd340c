import { lstat, mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes the folder and those above it. Node's own recursive `mkdir` never returns on file systems like `/proc`.
 * @throws Error saying which name is in the way, or that of the system.
 */
export async function makeFolder(path: string): Promise<void> {
  const folder = resolve(path);
  const status = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return undefined; // found and named further up
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (status?.isDirectory()) return;
  if (status !== undefined) throw new Error(`a file of this name is in the way: ${folder}`);
  const link = await lstat(folder).catch(() => undefined);
  if (link !== undefined) throw new Error(`a symbolic link that leads nowhere is in the way: ${folder}`);
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  try {
    await mkdir(folder);
  } catch (error) {
    // Another process may have been quicker.
    const made = await stat(folder).catch(() => undefined);
    if (made?.isDirectory() !== true) throw error;
  }
}
