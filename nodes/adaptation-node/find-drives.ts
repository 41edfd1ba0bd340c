import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { NodeError } from '../errors.js';

/** A recording as it lies in a folder. */
export interface FoundDrive {
  readonly path: string;
  readonly bytes: number;
  /** When any of its files changed last, ms since 1970. */
  readonly changedMs: number;
}

const RECORDING = /\.(mcap|db3)(\.zstd)?$/;

/**
 * The recordings in a folder, oldest first: bag folders and single files. Names that begin with a dot are recordings in
 * the making.
 * @param guards paths of recordings that are left out, wherever they are: nobody learns from them.
 * @throws NodeError when the folder cannot be read.
 */
export async function findDrives(folder: string, guards: readonly string[] = []): Promise<FoundDrive[]> {
  const left = new Set(await Promise.all(guards.map(realPath)));
  let entries: { readonly name: string; isDirectory(): boolean }[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw new NodeError(`${folder}: expected \`a folder of recorded drives\`: ${(cause as Error).message}`, {
      file: folder,
      cause,
    });
  }
  const found: FoundDrive[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const file = path.join(folder, entry.name);
    const files = entry.isDirectory()
      ? (await readdir(file).catch(() => [])).map((name) => path.join(file, name))
      : [file];
    if (!files.some((name) => RECORDING.test(name))) continue;
    if (left.has(await realPath(file))) continue;
    const stats = await Promise.all(files.map((name) => stat(name).catch(() => undefined)));
    found.push({
      path: path.resolve(file),
      bytes: stats.reduce((sum, one) => sum + (one?.size ?? 0), 0),
      changedMs: Math.max(...stats.map((one) => one?.mtimeMs ?? 0)),
    });
  }
  return found.sort((a, b) => a.changedMs - b.changedMs);
}

async function realPath(file: string): Promise<string> {
  return await realpath(file).catch(() => path.resolve(file));
}
