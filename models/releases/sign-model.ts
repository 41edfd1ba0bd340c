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

/**
 * Adds a model folder to a folder of releases and signs it as the newest one. `RELEASES/NAME-N/` with its files, and then the
 * release file, which is replaced at one moment. What earlier releases left stays.
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
    const release = (before?.release ?? 0) + 1;
    const folder = `${name}-${release}`;
    // Of a run that was killed before it signed: nobody was told of it.
    for (const left of [STAGING, folder])
      await rm(path.join(releases, left), { recursive: true, force: true });
    const staging = path.join(releases, STAGING);
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
  const foreign = (await readdir(releases)).find((name) => !name.startsWith('.'));
  if (foreign === undefined || /^[a-z0-9][a-z0-9._-]*-1$/.test(foreign)) return undefined;
  throw new ModelError(
    `${releases} is left alone: \`${foreign}\` in it is no release; name a folder of its own with \`--output\``,
    { file: releases },
  );
}
