import { createHash, type KeyObject } from 'node:crypto';
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../../msgs/files/make-folder.js';
import { ProcessLock } from '../../msgs/files/process-lock.js';
import { downloadObject, streamObject } from '../../msgs/remote/download-object.js';
import { isRemote, remoteChild, shownPlace } from '../../msgs/remote/remote-url.js';
import { replaceFile, writeDurably } from '../durable-files.js';
import { ModelError } from '../errors.js';
import { loadModel } from '../model-store.js';
import type { VersionId } from '../versions/version-id.js';
import type { VersionStore } from '../versions/version-store.js';
import { LONGEST_RELEASE, openRelease, RELEASE_FILE, type Release } from './release.js';
import { keyId } from './release-keys.js';

export interface PullOptions {
  /** Folder or URL of releases. */
  readonly source: string;
  /** Public key. */
  readonly trusted: KeyObject;
  readonly store: VersionStore;
  /** Take an older release than the last one; default false. */
  readonly allowDowngrade?: boolean;
}

export interface Pulled {
  readonly release: number;
  /** The version that it is on this machine. */
  readonly version: VersionId;
  /** Whether it was pulled before. */
  readonly isKnown: boolean;
}

/** Releases that were pulled last, by key and name: `KEY/NAME`. */
const MEMORY = '.releases.json';
const memorySchema = z.record(
  z.string(),
  z.strictObject({ release: z.number(), manifest: z.string(), version: z.number() }),
);

/**
 * Fetches the newest release of a place and stores it as a version. The signature is checked before anything else of it is
 * looked at, size and SHA-256 of every file before it becomes a version. Nothing that is there is replaced, and the current
 * version stays what it is.
 * @throws ModelError or MessageError when the release is not signed by the trusted key, damaged, cut short, or older than the
 * last one.
 */
export async function pullModel({
  source,
  trusted,
  store,
  allowDowngrade = false,
}: PullOptions): Promise<Pulled> {
  const place = (name: string) => (isRemote(source) ? remoteChild(source, name) : path.join(source, name));
  const release = openRelease(
    await readRelease(place(RELEASE_FILE)),
    trusted,
    shownPlace(place(RELEASE_FILE)),
  );
  await makeFolder(store.home);
  const what = `pulls into ${store.home}`;
  const lock = await ProcessLock.acquire(path.join(store.home, '.pulling'), { waitMs: 20_000, what });
  try {
    const memory = await readMemory(store.home);
    const key = `${keyId(trusted)}/${release.name}`;
    const last = memory[key];
    const manifest = release.files['manifest.json']?.sha256 ?? '';
    if (last !== undefined && release.release < last.release && !allowDowngrade) {
      throw new ModelError(
        `${shownPlace(source)} offers release ${release.release} of ${release.name}, but release ${last.release} was pulled before: an ` +
          'older one may be one that was withdrawn; `--allow-downgrade` takes it all the same',
      );
    }
    if (last?.release === release.release && last.manifest !== manifest) {
      throw new ModelError(
        `${shownPlace(source)}: release ${release.release} of ${release.name} is another one than the release ${last.release} that was ` +
          'pulled before: whoever signs has to count up',
      );
    }
    if (last?.release === release.release) {
      const version = { name: release.name, version: last.version };
      const isThere = await store.load(version).then(
        () => true,
        () => false, // removed or damaged since: it is fetched again
      );
      if (isThere) return { release: release.release, version, isKnown: true };
    }
    const version = await fetchVersion(release, place(release.folder), store);
    memory[key] = { release: release.release, manifest, version: version.version };
    await replaceFile(path.join(store.home, MEMORY), `${JSON.stringify(memory, undefined, 2)}\n`);
    return { release: release.release, version, isKnown: false };
  } finally {
    await lock.release();
  }
}

/** Into a folder aside, which becomes a version when all of it is verified. */
async function fetchVersion(release: Release, folder: string, store: VersionStore): Promise<VersionId> {
  const staging = await mkdtemp(path.join(store.home, '.pulled-'));
  try {
    for (const [name, expected] of Object.entries(release.files)) {
      const from = isRemote(folder) ? remoteChild(folder, name) : path.join(folder, name);
      const found = await fetchFile(from, path.join(staging, name), expected.bytes);
      if (found.bytes === expected.bytes && found.sha256 === expected.sha256) continue;
      throw new ModelError(
        found.bytes < expected.bytes
          ? `${shownPlace(from)} was cut short: expected \`${expected.bytes}\` bytes, got ${found.bytes}; nothing of the release is used`
          : `${shownPlace(from)} was changed after it was signed: expected sha256 \`${expected.sha256}\`, got ${found.sha256}; nothing of the release is used`,
        { file: shownPlace(from) },
      );
    }
    const { manifest } = await loadModel(staging);
    if (manifest.name !== release.name)
      throw new ModelError(
        `${shownPlace(folder)}: the release is of \`${release.name}\`, its model of ${manifest.name}`,
      );
    return await store.versionOf(staging);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** @param bytes a file of the disk that is longer is not read. */
async function fetchFile(
  from: string,
  to: string,
  bytes: number,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  if (isRemote(from)) return await downloadObject(from, to, bytes);
  try {
    const found = await stat(from);
    if (!found.isFile()) throw new Error('it is no regular file');
    if (found.size > bytes)
      throw new ModelError(
        `${from} was changed after it was signed: expected \`${bytes}\` bytes, got ${found.size}`,
        {
          file: from,
        },
      );
    const content = await readFile(from);
    await writeDurably(to, content);
    return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError(
      `${from} cannot be read: ${(cause as Error).message}; nothing of the release is used`,
      {
        file: from,
        cause,
      },
    );
  }
}

async function readRelease(place: string): Promise<string> {
  if (isRemote(place)) {
    const pieces: Uint8Array[] = [];
    await streamObject(place, LONGEST_RELEASE, (piece) => {
      pieces.push(piece);
    });
    return Buffer.concat(pieces).toString('utf8');
  }
  try {
    const handle = await open(place, 'r');
    try {
      const { size } = await handle.stat();
      if (size > LONGEST_RELEASE) throw new Error(`it has ${size} bytes`);
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new ModelError(
      `there is no release in ${path.dirname(place)}: ${(cause as Error).message}; \`rxdepth model sign\` makes one`,
      { file: place, cause },
    );
  }
}

async function readMemory(home: string): Promise<z.infer<typeof memorySchema>> {
  const file = path.join(home, MEMORY);
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new ModelError(`${file} cannot be read: ${cause.message}`, { file, cause });
  });
  if (text === undefined) return {};
  try {
    return memorySchema.parse(JSON.parse(text));
  } catch (cause) {
    // Without it an older release could not be told from a newer one.
    throw new ModelError(
      `${file} is damaged: it says which releases were pulled; remove it, if the place that you pull from can be trusted not to ` +
        'offer old ones',
      { file, cause },
    );
  }
}
