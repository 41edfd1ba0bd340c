import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder, writeDurably } from '../durable-files.js';
import { ModelError } from '../errors.js';
import { parseManifest } from '../manifest.js';
import { loadModel, MANIFEST_FILE } from '../model-store.js';
import type { VersionId } from './version-id.js';

/**
 * Copies a model folder aside as a version. Its manifest gets name, number, parent and the hashes of all files of the folder
 * (reports about the model among them). Everything is on the disk, and was read back, when this returns.
 * @param staging is replaced.
 * @param parent left out: as the candidate's manifest says.
 */
export async function stageVersion(
  candidate: string,
  staging: string,
  { name, version }: VersionId,
  parent?: string,
): Promise<void> {
  const { manifest } = await loadModel(candidate);
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging);
  const files: Record<string, { bytes: number; sha256: string }> = {};
  for (const entry of (await readdir(candidate, { withFileTypes: true })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (entry.name === MANIFEST_FILE) continue;
    if (!entry.isFile()) {
      throw new ModelError(`${path.join(candidate, entry.name)}: expected only files in a model folder.`, {
        file: path.join(candidate, entry.name),
      });
    }
    const bytes = await readFile(path.join(candidate, entry.name));
    await writeDurably(path.join(staging, entry.name), bytes);
    files[entry.name] = {
      bytes: bytes.byteLength,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
  }
  const provenance = { ...manifest.provenance, ...(parent !== undefined && { parent }) };
  const staged = parseManifest({ ...manifest, name, version, files, provenance }, candidate);
  await writeDurably(path.join(staging, MANIFEST_FILE), `${JSON.stringify(staged, null, 2)}\n`);
  await syncFolder(staging);
  await loadModel(staging);
}
