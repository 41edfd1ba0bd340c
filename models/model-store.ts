import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ModelError } from './errors.js';
import { GRAPH_CONTRACT, type Manifest, parseManifest } from './manifest.js';
import { packageRoot } from './package-root.js';

export const MANIFEST_FILE = 'manifest.json';
export const GRAPH_FILE = 'perception.onnx';

/** A model folder whose manifest is valid and whose files are those that the manifest describes. */
export interface LoadedModel {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Sessions are created from this path: the weights are external data beside it. */
  readonly graphPath: string;
}

/** Folder of the model that comes with the package. */
export function shippedModel(): string {
  return path.join(packageRoot(), 'models', 'compact');
}

/**
 * Reads and checks a model folder: manifest, graph contract, presence, size and sha256 of every file.
 * @throws ModelError naming the folder or file, what was expected and what to do.
 */
export async function loadModel(folder: string): Promise<LoadedModel> {
  const manifest = await readManifest(folder);
  if (manifest.files[GRAPH_FILE] === undefined) {
    throw new ModelError(
      `${path.join(folder, MANIFEST_FILE)}: expected \`${GRAPH_FILE}\` among its \`files\`.`,
    );
  }
  for (const [name, expected] of Object.entries(manifest.files)) await checkFile(folder, name, expected);
  return { folder, manifest, graphPath: path.join(folder, GRAPH_FILE) };
}

/** The manifest of a model folder, valid; the files it names are not looked at. @throws ModelError */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = path.join(folder, MANIFEST_FILE);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    const why =
      cause instanceof SyntaxError ? `${MANIFEST_FILE} is not JSON` : `it has no readable ${MANIFEST_FILE}`;
    throw new ModelError(
      `${folder} is not a model folder: ${why} (${(cause as Error).message}). ` +
        `Expected \`${GRAPH_FILE}\`, its weights and \`${MANIFEST_FILE}\`, as \`rxdepth train\` writes them.`,
      { cause },
    );
  }
  const contract = (json as { contract?: unknown } | null)?.contract;
  if (typeof contract === 'number' && contract !== GRAPH_CONTRACT) {
    throw new ModelError(
      `${file}: the model speaks graph contract ${contract}, this rxdepth \`${GRAPH_CONTRACT}\`; ` +
        (contract > GRAPH_CONTRACT ? 'update rxdepth.' : 'export the model again with this version.'),
    );
  }
  return parseManifest(json, file);
}

async function checkFile(
  folder: string,
  name: string,
  expected: { readonly bytes: number; readonly sha256: string },
): Promise<void> {
  if (name !== path.basename(name) || name === '..') {
    throw new ModelError(
      `${path.join(folder, MANIFEST_FILE)}: \`files\` must name files of the folder, got ${name}.`,
    );
  }
  const file = path.join(folder, name);
  const again = 'fetch or export the model again';
  let bytes: number;
  try {
    bytes = (await stat(file)).size;
  } catch (cause) {
    throw new ModelError(`${file} is missing, but ${MANIFEST_FILE} names it; ${again}.`, { cause });
  }
  if (bytes !== expected.bytes) {
    throw new ModelError(`${file}: expected \`${expected.bytes}\` bytes, got ${bytes}; ${again}.`);
  }
  const sha256 = await hashFile(file);
  if (sha256 !== expected.sha256) {
    throw new ModelError(
      `${file} was changed or damaged: expected sha256 \`${expected.sha256}\`, got ${sha256}; ${again}.`,
    );
  }
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  } catch (cause) {
    throw new ModelError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  return hash.digest('hex');
}
