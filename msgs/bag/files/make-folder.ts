import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Makes the folder and those above it. Node's own recursive `mkdir` never returns on file systems like `/proc`. */
export async function makeFolder(path: string): Promise<void> {
  const folder = resolve(path);
  const status = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (status?.isDirectory()) return;
  if (status !== undefined) throw new Error('a file of this name is in the way');
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  await mkdir(folder);
}
