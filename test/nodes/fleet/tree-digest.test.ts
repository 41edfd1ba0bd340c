import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { treeDigest } from '../../../nodes/fleet/tree-digest.js';

test('a file has its SHA-256, a folder that of all its files with their names, wherever it lies', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-digest-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const folder = path.join(root, 'a');
  await mkdir(path.join(folder, 'inner'), { recursive: true });
  await writeFile(path.join(folder, 'one'), 'content');
  await writeFile(path.join(folder, 'inner', 'two'), 'more');
  t.is(await treeDigest(path.join(folder, 'one')), createHash('sha256').update('content').digest('hex'));
  const digest = await treeDigest(folder);
  await cp(folder, path.join(root, 'b'), { recursive: true });
  t.is(await treeDigest(path.join(root, 'b')), digest);
  await rename(path.join(root, 'b', 'one'), path.join(root, 'b', 'uno'));
  t.not(await treeDigest(path.join(root, 'b')), digest);
  await writeFile(path.join(folder, 'inner', 'two'), 'less');
  t.not(await treeDigest(folder), digest);
  await t.throwsAsync(treeDigest(path.join(root, 'nothing')), { code: 'ENOENT' });
});

test('a folder made of links has the digest of what they lead to', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-digest-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const drives = ['a', 'b'].map((name) => path.join(root, name));
  for (const drive of drives) {
    await mkdir(path.join(drive, 'inner'), { recursive: true });
    await writeFile(path.join(drive, 'drive.mcap'), drive);
    await writeFile(path.join(drive, 'inner', 'more.mcap'), 'more');
    await mkdir(`${drive}-links`);
    for (const name of ['drive.mcap', 'inner'])
      await symlink(path.join(drive, name), path.join(`${drive}-links`, name));
  }
  const digests = await Promise.all(drives.map((drive) => treeDigest(drive)));
  t.not(digests[0], digests[1]);
  t.deepEqual(await Promise.all(drives.map((drive) => treeDigest(`${drive}-links`))), digests);
});

test('links to nothing or to a folder around them, and what is neither file nor folder, are named', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-digest-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const refused = async (name: string, make: (place: string) => unknown, message: RegExp) => {
    const folder = path.join(root, name);
    await mkdir(folder);
    await make(path.join(folder, 'odd'));
    await t.throwsAsync(treeDigest(folder), { name: 'NodeError', message });
  };
  await refused(
    'dangling',
    (odd) => symlink('gone.mcap', odd),
    /dangling\/odd is a link to gone\.mcap, which/,
  );
  await refused('loop', (odd) => symlink('.', odd), /loop\/odd is a link to a folder that it lies in/);
  await refused('pipe', (odd) => spawnSync('mkfifo', [odd]), /pipe\/odd is neither a file nor a folder/);
});
