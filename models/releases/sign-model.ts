import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../msgs/files/make-folder.js';
import { ProcessLock } from '../../msgs/files/process-lock.js';
import { replaceFile, syncFolder, writeDurably } from '../durable-files.js';
import { ModelError } from '../errors.js';
import { loadModel, MANIFEST_FILE } from '../model-store.js';
import { openRelease, RELEASE_FILE, type Release, signRelease } from './release.js';

const STAGING = '.rxdepth-staging';
/** What runs that were killed before they signed leave: NAME-N. */
const RELEASED = /^[a-z0-9][a-z0-9._-]*-\d+$/;

/**
 * Adds a model folder to a folder of releases and signs it as the newest one. `RELEASES/NAME-N/` with its files, and then the
 * release file, which is replaced at one moment. What is there stays: N is the first number after the newest release whose
 * folder is free.
 * @throws ModelError when the model is damaged, or the newest release there is of another key or another name.
 */
export async function signModel(
  model: string,
  releases: string,
  privateKey: KeyObject,
): Promise<{ readonly release: Release; readonly folder: string }> {
  const { manifest } = await loadModel(model);
  await makeFolder(releases);
  const what = `the releases in ${releases}`;
  const lock = await ProcessLock.acquire(path.join(releases, '.lock'), { waitMs: 20_000, what });
  try {
    const { name } = manifest;
    const before = await newest(releases, privateKey);
    if (before !== undefined && before.name !== name) {
      throw new ModelError(
        `${releases} holds releases of \`${before.name}\`, not of \`${name}\`: name another folder with \`--output\``,
        { file: releases },
      );
    }
    let release = (before?.release ?? 0) + 1;
    // A run that was killed before it signed may have left one, and it may be somebody's model.
    while (existsSync(path.join(releases, `${name}-${release}`))) release++;
    const folder = `${name}-${release}`;
    const staging = path.join(releases, STAGING);
    await rm(staging, { recursive: true, force: true });
    await mkdir(staging);
    const files: Record<string, { bytes: number; sha256: string }> = {};
    for (const file of [...Object.keys(manifest.files), MANIFEST_FILE].sort()) {
      const content = await readFile(path.join(model, file));
      await writeDurably(path.join(staging, file), content);
      const sha256 = createHash('sha256').update(content).digest('hex');
      files[file] = { bytes: content.length, sha256 };
    }
    await loadModel(staging);
    await syncFolder(staging);
    await rename(staging, path.join(releases, folder));
    await syncFolder(releases);
    const said: Release = {
      ...{ format: 'rxdepth-release-1', name, release, createdAt: new Date().toISOString(), folder, files },
    };
    await replaceFile(path.join(releases, RELEASE_FILE), signRelease(said, privateKey));
    return { release: said, folder: path.join(releases, folder) };
  } finally {
    await lock.release();
  }
}

async function newest(releases: string, privateKey: KeyObject): Promise<Release | undefined> {
  const file = path.join(releases, RELEASE_FILE);
  if (existsSync(file)) return openRelease(await readFile(file, 'utf8'), createPublicKey(privateKey), file);
  const foreign = (await readdir(releases)).find((name) => !name.startsWith('.') && !RELEASED.test(name));
  if (foreign === undefined) return undefined;
  throw new ModelError(
    `${releases} is left alone: \`${foreign}\` in it is no release; name a folder of its own with \`--output\``,
    { file: releases },
  );
}
