import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Manifest, parseManifest } from '../../models/manifest.js';
import { MANIFEST_FILE } from '../../models/model-store.js';

/**
 * Writes a model folder: the files and a manifest that describes them. The folder appears complete or not at all; one
 * that is there is replaced.
 * @param check is given the complete folder before it takes its place, and throws when it is no good.
 */
export async function writeModel(
  folder: string,
  description: Omit<Manifest, 'files'>,
  files: Readonly<Record<string, Uint8Array>>,
  check: (folder: string) => Promise<void> = async () => {},
): Promise<Manifest> {
  const described = Object.entries(files).map(([name, bytes]) => [
    name,
    { bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') },
  ]);
  const manifest = parseManifest(
    { ...description, files: Object.fromEntries(described) },
    'the exported manifest',
  );
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(fresh, name), content);
  await writeFile(path.join(fresh, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
  try {
    await check(fresh);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
  return manifest;
}
