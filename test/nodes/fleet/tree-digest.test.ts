import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
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
