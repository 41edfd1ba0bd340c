import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { NodeError } from '../errors.js';

/**
 * SHA-256, in hex, of a file's content, or of the names and contents of all files in a folder: the same wherever it lies. A
 * link counts as what it leads to.
 * @throws NodeError naming what is neither file nor folder, and links that lead to nothing or round in a circle.
 * @throws the system's error when something cannot be read, AbortError when it is aborted.
 */
export async function treeDigest(place: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  if ((await stat(place)).isDirectory()) {
    const names = (await filesIn(place, [])).map((file) => path.relative(place, file)).sort();
    for (const name of names) {
      const file = path.join(place, name);
      hash.update(`${JSON.stringify(name.split(path.sep))} ${(await stat(file)).size}\n`);
      await addFile(hash, file, signal);
    }
  } else await addFile(hash, place, signal);
  return hash.digest('hex');
}

/** All files in a folder and in those below it. @param around real paths of the folders that it lies in. */
async function filesIn(folder: string, around: readonly string[]): Promise<string[]> {
  const real = await realpath(folder);
  if (around.includes(real)) {
    throw new NodeError(`${folder} is a link to a folder that it lies in: remove it`, { file: folder });
  }
  const files: string[] = [];
  for (const name of await readdir(folder)) {
    const place = path.join(folder, name);
    const kind = await kindOf(place);
    if (kind === 'file') files.push(place);
    else files.push(...(await filesIn(place, [...around, real])));
  }
  return files;
}

async function kindOf(place: string): Promise<'file' | 'folder'> {
  const found = await stat(place).catch(async (cause: NodeJS.ErrnoException) => {
    const target = await readlink(place).catch(() => undefined);
    if (target === undefined) throw cause;
    // git-annex and DVC leave such links where a content was not fetched.
    throw new NodeError(`${place} is a link to ${target}, which cannot be read: ${cause.message}`, {
      file: place,
      cause,
    });
  });
  if (found.isDirectory()) return 'folder';
  if (found.isFile()) return 'file';
  throw new NodeError(`${place} is neither a file nor a folder`, { file: place });
}

async function addFile(hash: Hash, file: string, signal: AbortSignal | undefined): Promise<void> {
  const stream = createReadStream(file, { highWaterMark: 1 << 20, ...(signal && { signal }) });
  for await (const chunk of stream) hash.update(chunk as Buffer);
}
