import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** Absolute and without symbolic links, as far as the path exists. */
export async function truePath(path: string): Promise<string> {
  const full = resolve(path);
  try {
    return await realpath(full);
  } catch {
    return dirname(full) === full ? full : join(await truePath(dirname(full)), basename(full));
  }
}
