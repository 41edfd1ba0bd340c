import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../../../models/package-root.js';
import { VersionStore } from '../../../models/versions/version-store.js';
import {
  ADAPTATION_DECLARATIONS,
  adaptationParameters,
} from '../../../nodes/adaptation-node/adaptation-parameters.js';
import { checkRequest } from '../../../nodes/adaptation-node/check-request.js';
import { findDrives } from '../../../nodes/adaptation-node/find-drives.js';
import { writeTestBag } from '../test-bag.js';
import { writeTestModel } from '../test-model.js';

async function folderOf(t: { teardown(end: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-request-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

test('what would fail every run of a watch is told before there is one', async (t) => {
  const folder = await folderOf(t);
  const shipped = await writeTestModel(path.join(folder, 'shipped'), { version: 0 });
  const store = new VersionStore({ home: path.join(folder, 'home'), shipped });
  const guard = path.join(folder, 'guard');
  await writeTestBag(guard, []);
  await t.notThrowsAsync(checkRequest({}, store));
  await t.notThrowsAsync(checkRequest({ guard: [guard], teacher: ['self@2', shipped] }, store));
  const nowhere = path.join(folder, 'nowhere');
  for (const [request, message] of [
    [{ guard: [nowhere] }, /cannot open the bag `.*nowhere`: no such file/],
    [{ guard: [guard, guard] }, /--guard: expected each once, got `.*guard` twice/],
    [{ teacher: [nowhere] }, /nowhere/],
    [{ teacher: ['self@9'] }, /expected a size of `1 to 4`/],
    [{ teacher: ['self', 'self'] }, /--teacher: expected each once/],
    [
      { teacher: ['self'], method: 'dada' },
      /`--method dada` learns nothing from one; `--method sgdepth,dada` would/,
    ],
  ] as const)
    await t.throwsAsync(checkRequest(request, store), { message });
});

test('parameters say what the options of adapt say, and refuse alike', (t) => {
  const of = (entries: Record<string, unknown>) =>
    adaptationParameters(new Map(Object.entries(entries))).request;
  t.deepEqual(of({}), { method: undefined, guard: [], teacher: [], cameraHeight: undefined });
  t.deepEqual(of({ method: 'sgdepth, dada', guard: '/a, /b,', teacher: 'self@2', camera_height: 1.65 }), {
    ...{ method: 'sgdepth,dada', guard: ['/a', '/b'], teacher: ['self@2'], cameraHeight: 1.65 },
  });
  t.is(of({ camera_height: 'constant' }).cameraHeight, 'constant');
  for (const [entry, message] of [
    [{ method: 'magic' }, /`method`: expected `sgdepth`, `da-monodepth`, `dada`.*got `magic`/],
    [
      { camera_height: '-1' },
      /`camera_height`: expected metres above 0 and up to 20, or `constant`, got `-1`/,
    ],
    [{ camera_height: 'high' }, /`camera_height`: expected metres/],
  ] as const)
    t.throws(() => of(entry), { name: 'NodeError', message });
});

test('the launch file and the README have every parameter of the node', async (t) => {
  const read = (file: string) => readFile(path.join(packageRoot(), 'launch', file), 'utf8');
  const [launch, readme] = [await read('launch/adaptation.launch.py'), await read('README.md')];
  for (const { name } of ADAPTATION_DECLARATIONS) {
    t.true(launch.includes(`    ('${name}', `), `${name} in the launch file`);
    t.true(readme.includes(`| \`${name}\` |`), `${name} in the README`);
  }
});

test('a guard in the watched folder is no drive to learn from', async (t) => {
  const folder = await folderOf(t);
  for (const name of ['a.mcap', 'b.mcap']) await writeFile(path.join(folder, name), 'x');
  const found = await findDrives(folder, [path.join(folder, '.', 'b.mcap'), path.join(folder, 'nowhere')]);
  t.deepEqual(
    found.map(({ path: name }) => path.basename(name)),
    ['a.mcap'],
  );
});
