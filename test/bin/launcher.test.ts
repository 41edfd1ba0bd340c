import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../../models/package-root.js';

const LAUNCHER = path.join(packageRoot(), 'bin', 'rxdepth.mjs');

test('the executable says what to run before the first build, and works at once after it', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-launcher-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await mkdir(path.join(folder, 'bin'));
  const launcher = path.join(folder, 'bin', 'rxdepth.mjs');
  await copyFile(LAUNCHER, launcher);
  const start = () => spawnSync(launcher, ['replay', '--help'], { encoding: 'utf8' });

  const before = start();
  t.is(before.status, 1, String(before.error));
  t.regex(before.stderr, /^rxdepth: .* is not built yet; run `npm ci && npm run build` there.*\n$/);
  t.true(before.stderr.includes(folder));

  await mkdir(path.join(folder, 'dist', 'bin'), { recursive: true });
  const dispatcher = 'console.log(process.argv.slice(2).join(" "), process.env.MALLOC_ARENA_MAX);';
  await writeFile(path.join(folder, 'dist', 'bin', 'rxdepth.js'), dispatcher);
  await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
  const after = start();
  t.is(after.stdout, 'replay --help 1\n', after.stderr);
});

test('the executable is in the repository, not made by the build, and may be executed', async (t) => {
  const root = packageRoot();
  const { bin } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  t.is(path.join(root, bin.rxdepth), LAUNCHER);
  t.not((await stat(LAUNCHER)).mode & 0o111, 0);
  t.not(spawnSync('git', ['check-ignore', '-q', LAUNCHER], { cwd: root }).status, 0);
});
