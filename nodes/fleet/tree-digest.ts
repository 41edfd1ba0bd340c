import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * SHA-256, in hex, of a file's content, or of the names and contents of all files in a folder: the same wherever it lies.
 * @throws the system's error when something cannot be read.
 */
export async function treeDigest(place: string): Promise<string> {
  const hash = createHash('sha256');
  if ((await stat(place)).isDirectory()) {
    const names = (await readdir(place, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(place, path.join(entry.parentPath, entry.name)))
      .sort();
    for (const name of names) {
      const file = path.join(place, name);
      hash.update(`${JSON.stringify(name.split(path.sep))} ${(await stat(file)).size}\n`);
      await addFile(hash, file);
    }
  } else await addFile(hash, place);
  return hash.digest('hex');
}

async function addFile(hash: Hash, file: string): Promise<void> {
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
}
