import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { lstat, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { quoteUntrusted } from '../msgs/quote-untrusted.js';
import { ModelError } from './errors.js';
import { externalData } from './external-data.js';
import { GRAPH_CONTRACT } from './graph-contract.js';
import { type Manifest, parseManifest } from './manifest.js';
import { packageRoot } from './package-root.js';

export const MANIFEST_FILE = 'manifest.json';
export const GRAPH_FILE = 'perception.onnx';
/** Longest manifest that is read, bytes. */
const LONGEST_MANIFEST = 4 << 20;

/** A model folder whose manifest is valid and whose files are those that the manifest describes. */
export interface LoadedModel {
  /** Path of the model folder. */
  readonly folder: string;
  /** The validated manifest. */
  readonly manifest: Manifest;
  /** Sessions are created from this path: the weights are external data beside it. */
  readonly graphPath: string;
}

/** Folder of the model that comes with the package. */
export function shippedModel(): string {
  return path.join(packageRoot(), 'models', 'lite');
}

/**
 * Reads and checks a model folder. The manifest and the graph contract must be valid. Every file must be a regular file of
 * the folder with the size and sha256 of the manifest. The graph must use no other file.
 * @throws ModelError naming the folder or file, what was expected and what to do.
 */
export async function loadModel(folder: string): Promise<LoadedModel> {
  const manifest = await readManifest(folder);
  if (manifest.files[GRAPH_FILE] === undefined) {
    throw new ModelError(
      `${path.join(folder, MANIFEST_FILE)}: expected \`${GRAPH_FILE}\` among its \`files\`.`,
      { file: path.join(folder, MANIFEST_FILE) },
    );
  }
  for (const [name, expected] of Object.entries(manifest.files)) await checkFile(folder, name, expected);
  await checkExternalData(folder, manifest);
  return { folder, manifest, graphPath: path.join(folder, GRAPH_FILE) };
}

/** The manifest of a model folder, valid; the files it names are not looked at. @throws ModelError */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = path.join(folder, MANIFEST_FILE);
  let json: unknown;
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new Error('it is no regular file');
    if (found.size > LONGEST_MANIFEST) throw new Error(`it has ${found.size} bytes`);
    json = parseShallow(await readFile(file, 'utf8'));
  } catch (cause) {
    const why =
      cause instanceof SyntaxError ? `${MANIFEST_FILE} is not JSON` : `it has no readable ${MANIFEST_FILE}`;
    throw new ModelError(
      `${folder} is not a model folder: ${why} (${(cause as Error).message}). ` +
        `Expected \`${GRAPH_FILE}\`, its weights and \`${MANIFEST_FILE}\`, as \`rxdepth train\` writes them.`,
      { file: folder, cause },
    );
  }
  const contract = (json as { contract?: unknown } | null)?.contract;
  if (typeof contract === 'number' && contract !== GRAPH_CONTRACT) {
    throw new ModelError(
      `${file}: the model speaks graph contract ${contract}, this rxdepth \`${GRAPH_CONTRACT}\`; ` +
        (contract > GRAPH_CONTRACT ? 'update rxdepth.' : 'export the model again with this version.'),
      { file },
    );
  }
  return parseManifest(json, file);
}

/** Objects in objects: JSON of a hundred thousand can be read, but not be written again. */
const DEEPEST_MANIFEST = 64;

function parseShallow(text: string): unknown {
  const value: unknown = JSON.parse(text);
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST_MANIFEST) throw new SyntaxError(`it is nested more than ${DEEPEST_MANIFEST} deep`);
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return value;
}

async function checkFile(
  folder: string,
  name: string,
  expected: { readonly bytes: number; readonly sha256: string },
): Promise<void> {
  if (!isPlainName(name)) {
    throw new ModelError(
      `${path.join(folder, MANIFEST_FILE)}: \`files\` must name files of the folder, got ${quoteUntrusted(name)}.`,
      { file: path.join(folder, MANIFEST_FILE) },
    );
  }
  const file = path.join(folder, name);
  const again = 'fetch or export the model again';
  let found: Stats;
  try {
    found = await lstat(file);
  } catch (cause) {
    throw new ModelError(`${file} is missing, but ${MANIFEST_FILE} names it; ${again}.`, { file, cause });
  }
  if (!found.isFile()) {
    const what = found.isSymbolicLink() ? 'a symbolic link' : 'no regular file';
    throw new ModelError(`${file} is ${what}; expected \`a regular file\` of the folder itself: ${again}.`, {
      file,
    });
  }
  if (found.size !== expected.bytes) {
    throw new ModelError(`${file}: expected \`${expected.bytes}\` bytes, got ${found.size}; ${again}.`, {
      file,
    });
  }
  const sha256 = await hashFile(file);
  if (sha256 !== expected.sha256) {
    throw new ModelError(
      `${file} was changed or damaged: expected sha256 \`${expected.sha256}\`, got ${sha256}; ${again}.`,
      { file },
    );
  }
}

/** The name of a file within its folder: no way out of it, and none that a system reads otherwise. */
function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name);
}

/** What the graph reads beside itself must be listed, and so hashed, and lie within the file that is named. */
async function checkExternalData(folder: string, { files }: Manifest): Promise<void> {
  const graph = path.join(folder, GRAPH_FILE);
  try {
    for (const { location, offset, length } of externalData(await readFile(graph))) {
      const listed = isPlainName(location) && Object.hasOwn(files, location) ? files[location] : undefined;
      if (listed === undefined) {
        throw new ModelError(
          `it has weights in ${quoteUntrusted(location)}, which ${MANIFEST_FILE} does not list among its \`files\``,
        );
      }
      const end = wholeNumber(offset) + wholeNumber(length ?? '0');
      if (!(end <= listed.bytes)) {
        const span = `${quoteUntrusted(offset)} + ${quoteUntrusted(length ?? '0')}`;
        throw new ModelError(`it has weights at ${span} of the ${listed.bytes} bytes of ${location}`);
      }
    }
  } catch (cause) {
    throw new ModelError(`${graph} is not used: ${(cause as Error).message}.`, { file: graph, cause });
  }
}

/** NaN for anything but digits. */
function wholeNumber(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  } catch (cause) {
    throw new ModelError(`${file} cannot be read: ${(cause as Error).message}`, { file, cause });
  }
  return hash.digest('hex');
}
