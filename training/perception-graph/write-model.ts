import { createHash } from 'node:crypto';
import path from 'node:path';
import { writeDurably } from '../../models/durable-files.js';
import { type Manifest, parseManifest } from '../../models/manifest.js';
import { type ModelOutputOptions, placeModelFolder } from '../../models/model-output.js';
import { MANIFEST_FILE } from '../../models/model-store.js';

/** Where a model folder is written. */
export interface ModelPlace extends ModelOutputOptions {
  readonly folder: string;
}

/**
 * Writes a model folder: the files and a manifest that describes them. The folder appears complete or not at all.
 * @param check is given the complete folder before it takes its place, and throws when it is no good.
 * @throws ModelError when something else is there, as `checkModelOutput` says.
 */
export async function writeModel(
  { folder, ...options }: ModelPlace,
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
  await placeModelFolder(folder, options, async (fresh) => {
    for (const [name, content] of Object.entries(files)) await writeDurably(path.join(fresh, name), content);
    await writeDurably(path.join(fresh, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
    await check(fresh);
  });
  return manifest;
}
