import { existsSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { MessageError } from '../../msgs/errors.js';
import { LockedError } from '../../msgs/files/locked-error.js';
import { makeFolder } from '../../msgs/files/make-folder.js';
import { ProcessLock } from '../../msgs/files/process-lock.js';
import { syncFolder } from '../durable-files.js';
import { ModelError } from '../errors.js';
import type { Manifest } from '../manifest.js';
import { type LoadedModel, loadModel, readManifest, shippedModel } from '../model-store.js';
import { rxdepthHome } from '../rxdepth-home.js';
import { type CurrentPointer, readPointer, writePointer } from './current-pointer.js';
import { stageVersion } from './stage-version.js';
import { formatVersionId, isSameVersion, type VersionId } from './version-id.js';

/** A version in the store. */
export interface StoredVersion extends VersionId {
  /** Path of the version's model folder. */
  readonly folder: string;
  /** The validated manifest. */
  readonly manifest: Manifest;
  /** Whether it is the current version. */
  readonly current: boolean;
  /** Whether the version comes with the package. Such a version is never changed or removed. */
  readonly shipped: boolean;
}

/** The result of a promotion. */
export interface Promotion {
  /** The new version. */
  readonly version: VersionId;
  /** Path of its model folder. */
  readonly folder: string;
  /** Whether the version became current. It stays stored but not current if `parent` was no longer current. */
  readonly current: boolean;
}

/** Where the store lies, and how much it keeps. */
export interface VersionStoreOptions {
  /** Folder of the store; default `$RXDEPTH_HOME`, else the XDG data folder. */
  readonly home?: string;
  /** Folder of the model that comes with the package. */
  readonly shipped?: string;
  /** Number of adapted versions of a name to keep, besides the current one and the one before it. */
  readonly keep?: number;
}

const LOCK_WAIT_MS = 20_000;
const LOCK = '.lock';
/** A lock's draft lives for moments; what is older was left by a killed process. */
const LOCK_DRAFT_MS = 60_000;
/** Names of models never start with a dot: nothing here is ever taken for a version. */
const STAGING = '.rxdepth-staging';
const REMOVED = '.rxdepth-removed-';
/** Verdicts and figures about a model are JSON beside it. */
const REPORT = '.json';
const NUMBER = /^[1-9]\d*$/;

/**
 * The versions of models on this machine. `HOME/NAME/N/` are model folders; `HOME/current` names the default one.
 * Without that file, the default is the shipped model, which is version 0 of its name.
 *
 * A version appears by one rename, complete and synced to the disk, and `current` is replaced by one rename. A kill at any
 * moment leaves the old state or the new one. Writers exclude each other by a lock, and tidy up what a killed one left
 * behind; readers need none.
 */
export class VersionStore {
  /** Path of the store's folder. */
  readonly home: string;
  readonly #shipped: string;
  readonly #keep: number;

  constructor({ home = rxdepthHome(), shipped = shippedModel(), keep = 5 }: VersionStoreOptions = {}) {
    this.home = home;
    this.#shipped = shipped;
    this.#keep = keep;
  }

  /** Lists every complete version, sorted by name and number, and everything that looks like none. Does not check hashes. */
  async list(): Promise<{ versions: StoredVersion[]; problems: string[] }> {
    const shipped = await readManifest(this.#shipped);
    const current = await this.#currentId();
    const versions: StoredVersion[] = [this.#entry(this.#shipped, shipped, current, true)];
    const problems: string[] = [];
    for (const name of await names(this.home)) {
      for (const number of await numbers(path.join(this.home, name))) {
        const folder = path.join(this.home, name, String(number));
        try {
          const manifest = await readManifest(folder);
          checkPlace(folder, manifest, { name, version: number });
          versions.push(this.#entry(folder, manifest, current, false));
        } catch (error) {
          if (!(error instanceof ModelError)) throw error;
          problems.push(error.message);
        }
      }
    }
    return { versions, problems };
  }

  /** Path of a version's folder. The folder need not exist. */
  async folderOf(id: VersionId): Promise<string> {
    if (id.version === 0) {
      const { name } = await readManifest(this.#shipped);
      if (name !== id.name) {
        throw new ModelError(`There is no version 0 of \`${id.name}\`: the shipped model is \`${name}\`.`);
      }
      return this.#shipped;
    }
    return path.join(this.home, id.name, String(id.version));
  }

  /** Reads a version and checks its hashes. @throws ModelError when it is missing or damaged. */
  async load(id: VersionId): Promise<LoadedModel> {
    const folder = await this.folderOf(id);
    if (!existsSync(folder)) {
      throw new ModelError(
        `There is no version \`${formatVersionId(id)}\` (${folder}); \`rxdepth model list\` shows what there is.`,
      );
    }
    const model = await loadModel(folder);
    checkPlace(folder, model.manifest, id);
    return model;
  }

  /** The current version. */
  async current(): Promise<VersionId> {
    return await this.#currentId();
  }

  /** Folder of the current version. */
  async currentFolder(): Promise<string> {
    return await this.folderOf(await this.#currentId());
  }

  /** The number of the next promotion of this name, unless another process promotes first. */
  async nextVersion(name: string): Promise<number> {
    return Math.max(0, ...(await numbers(path.join(this.home, name)))) + 1;
  }

  /**
   * Stores a model folder as the next version of its name, with the hashes of all its files. Makes it current if `parent` is
   * still current. Removes the oldest versions beyond those to keep.
   * @param candidate stays as it is.
   * @throws ModelError when the candidate is damaged, or when another process keeps the lock.
   */
  async promote(candidate: string, parent: VersionId): Promise<Promotion> {
    const { manifest } = await loadModel(candidate);
    return await this.#change(async () => {
      const { name } = manifest;
      const home = path.join(this.home, name);
      const version = await this.nextVersion(name);
      await makeFolder(home);
      const staging = path.join(home, STAGING);
      await stageVersion(candidate, staging, { name, version }, formatVersionId(parent));
      const folder = path.join(home, String(version));
      await rename(staging, folder);
      await syncFolder(home);
      await syncFolder(this.home);
      const pointer = await this.#pointer();
      const current = isSameVersion(pointer, parent);
      if (current) await this.#moveTo(pointer, { name, version });
      await this.#retain(name, version);
      return { version: { name, version }, folder, current };
    });
  }

  /** Makes a version current, after checking its hashes. @returns the previous one. @throws ModelError if it is damaged. */
  async use(id: VersionId): Promise<VersionId> {
    await this.load(id);
    return await this.#change(async () => {
      const pointer = await this.#pointer().catch(() => this.#nothingChosen());
      if (!isSameVersion(pointer, id)) await this.#moveTo(pointer, id);
      return { name: pointer.name, version: pointer.version };
    });
  }

  /**
   * The version of a model folder, which is stored as the next one of its name unless the same model is there, whole.
   * @param folder stays as it is.
   * @throws ModelError when it is damaged, or when another process keeps the lock.
   */
  async versionOf(folder: string): Promise<VersionId> {
    const { manifest } = await loadModel(folder);
    const { name } = manifest;
    const shipped = await readManifest(this.#shipped);
    if (
      shipped.name === name &&
      isSameContent(shipped, manifest) &&
      (await this.#isWhole({ name, version: 0 }))
    )
      return { name, version: 0 };
    return await this.#change(async () => {
      const home = path.join(this.home, name);
      for (const version of await numbers(home)) {
        const stored = await readManifest(path.join(home, String(version))).catch(() => undefined);
        if (stored === undefined || !isSameContent(stored, manifest)) continue;
        if (await this.#isWhole({ name, version })) return { name, version };
      }
      const version = await this.nextVersion(name);
      await makeFolder(home);
      const staging = path.join(home, STAGING);
      await stageVersion(folder, staging, { name, version });
      await rename(staging, path.join(home, String(version)));
      await syncFolder(home);
      await syncFolder(this.home);
      return { name, version };
    });
  }

  /**
   * Goes back to the version that was current before; versions that are gone or damaged are passed over.
   * @throws ModelError when there is none.
   */
  async rollback(): Promise<{ from: VersionId; to: VersionId; passedOver: string[] }> {
    return await this.#change(async () => {
      const { history, name, version } = await this.#pointer();
      const from = { name, version };
      const passedOver: string[] = [];
      for (let back = history.length - 1; back >= 0; back--) {
        const to = history[back] as VersionId; // within bounds
        try {
          await this.load(to);
        } catch (error) {
          if (!(error instanceof ModelError)) throw error;
          passedOver.push(error.message);
          continue;
        }
        await writePointer(this.home, { ...to, history: history.slice(0, back) });
        return { from, to, passedOver };
      }
      throw new ModelError(
        `There is nothing to go back to: \`${formatVersionId(from)}\` is current and ` +
          'nothing was before it; `rxdepth model use NAME/N` chooses any version.',
      );
    });
  }

  /** Removes what killed writers left behind. Every change of the store also does this. */
  async tidy(): Promise<void> {
    if (existsSync(this.home)) await this.#change(async () => undefined);
  }

  /** A damaged version is never taken for a model that is at hand: storing that again repairs it. */
  async #isWhole(id: VersionId): Promise<boolean> {
    try {
      await this.load(id);
      return true;
    } catch (error) {
      if (error instanceof ModelError) return false;
      throw error;
    }
  }

  async #currentId(): Promise<VersionId> {
    const { name, version } = await this.#pointer();
    return { name, version };
  }

  async #pointer(): Promise<CurrentPointer> {
    return (await readPointer(this.home)) ?? (await this.#nothingChosen());
  }

  async #nothingChosen(): Promise<CurrentPointer> {
    const { name } = await readManifest(this.#shipped);
    return { name, version: 0, history: [] };
  }

  async #moveTo(pointer: CurrentPointer, { name, version }: VersionId): Promise<void> {
    const before = { name: pointer.name, version: pointer.version };
    await writePointer(this.home, { name, version, history: [...pointer.history, before] });
  }

  /** Runs a change alone, on a tidy store. */
  async #change<T>(work: () => Promise<T>): Promise<T> {
    const what = `the model versions in ${this.home}`;
    try {
      await makeFolder(this.home);
      const lock = await ProcessLock.acquire(path.join(this.home, LOCK), { waitMs: LOCK_WAIT_MS, what });
      try {
        await this.#tidy();
        return await work();
      } finally {
        await lock.release();
      }
    } catch (cause) {
      if (cause instanceof ModelError || cause instanceof LockedError) throw cause;
      const isExpected = cause instanceof MessageError || (cause as NodeJS.ErrnoException).code !== undefined;
      if (!isExpected) throw cause;
      throw new ModelError(
        `Changing ${what} failed: ${(cause as Error).message}. RXDEPTH_HOME names another folder for them.`,
        { cause },
      );
    }
  }

  async #tidy(): Promise<void> {
    await rm(path.join(this.home, 'current.new'), { force: true });
    for (const entry of await readdir(this.home)) {
      if (!entry.startsWith(`${LOCK}.`)) continue;
      const file = path.join(this.home, entry);
      const found = await stat(file).catch(() => undefined); // another process may be using it right now
      if (found !== undefined && Date.now() - found.mtimeMs > LOCK_DRAFT_MS) await rm(file, { force: true });
    }
    for (const name of await names(this.home)) {
      const folder = path.join(this.home, name);
      for (const entry of await readdir(folder)) {
        if (entry !== STAGING && !entry.startsWith(REMOVED)) continue;
        await rm(path.join(folder, entry), { recursive: true, force: true });
      }
    }
  }

  async #retain(name: string, newest: number): Promise<void> {
    const pointer = await this.#pointer();
    const before = pointer.history[pointer.history.length - 1];
    const home = path.join(this.home, name);
    const all = (await numbers(home)).sort((a, b) => b - a);
    for (const version of all.slice(this.#keep)) {
      const id = { name, version };
      if (version === newest || isSameVersion(pointer, id)) continue;
      if (before !== undefined && isSameVersion(before, id)) continue;
      const removed = path.join(home, `${REMOVED}${version}`);
      // Out of the list at once; a kill while the files go leaves no half version.
      await rename(path.join(home, String(version)), removed);
      await rm(removed, { recursive: true, force: true });
    }
  }

  #entry(folder: string, manifest: Manifest, current: VersionId, shipped: boolean): StoredVersion {
    const { name } = manifest;
    const version = shipped ? 0 : manifest.version;
    return { name, version, folder, manifest, shipped, current: isSameVersion({ name, version }, current) };
  }
}

/**
 * Whether a stored version is the model of a manifest: the same files, reports aside, and the same said of them.
 * Storing gives a number, a parent and the hashes of reports: these do not count.
 */
function isSameContent(stored: Manifest, given: Manifest): boolean {
  // The graph reads no file that its manifest does not list.
  const hasFiles = Object.entries(given.files)
    .filter(([name]) => !name.endsWith(REPORT))
    .every(
      ([name, { sha256 }]) => Object.hasOwn(stored.files, name) && stored.files[name]?.sha256 === sha256,
    );
  return hasFiles && isDeepStrictEqual(described(stored), described(given));
}

/** What a manifest says of its model, wherever that lies and comes from. */
function described({ version, files, provenance, ...rest }: Manifest): Partial<Manifest> {
  return rest;
}

function checkPlace(folder: string, { name, version }: Manifest, id: VersionId): void {
  if (id.version === 0 || isSameVersion({ name, version }, id)) return;
  throw new ModelError(
    `${folder}: its manifest says \`${formatVersionId({ name, version })}\`; it was not put there by rxdepth.`,
    { file: folder },
  );
}

async function names(home: string): Promise<string[]> {
  return (await entries(home)).filter((name) => /^[a-z0-9]/.test(name)).sort();
}

/** Ascending. */
async function numbers(folder: string): Promise<number[]> {
  return (await entries(folder))
    .filter((name) => NUMBER.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** Names of the folders in a folder; none when it is not there. */
async function entries(folder: string): Promise<string[]> {
  try {
    const found = await readdir(folder, { withFileTypes: true });
    return found.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return [];
    throw new ModelError(`${folder} cannot be listed: ${(cause as Error).message}`, { file: folder, cause });
  }
}
