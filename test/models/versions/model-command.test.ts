import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import anyTest, { type TestFn } from 'ava';
import { resolveModel } from '../../../models/resolve-model.js';
import { rxdepthHome } from '../../../models/rxdepth-home.js';
import { VersionStore } from '../../../models/versions/version-store.js';
import { writeTestModel } from '../../nodes/test-model.js';

const test = anyTest as TestFn<{ root: string; home: string }>;
const RXDEPTH = fileURLToPath(new URL('../../../bin/rxdepth.js', import.meta.url));

test.beforeEach(async (t) => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-command-'));
  t.context = { root, home: path.join(root, 'home') };
});

test.afterEach.always((t) => rm(t.context.root, { recursive: true }));

async function rxdepth(home: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, RXDEPTH_HOME: home };
  return await promisify(execFile)(process.execPath, [RXDEPTH, 'model', ...args], { env }).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
}

test('model list, show, use and rollback over the versions in RXDEPTH_HOME', async (t) => {
  const { root, home } = t.context;
  const candidate = path.join(root, 'candidate');
  await writeTestModel(candidate);
  await writeFile(path.join(candidate, 'judge.json'), '{"verdict":"promoted","reasons":["better"]}');
  await new VersionStore({ home }).promote(candidate, { name: 'rxdepth-lite', version: 0 });

  const { stdout: table } = await rxdepth(home, 'list');
  t.regex(table, /^ {2}rxdepth-lite\/0 +with rxdepth/m);
  t.regex(table, /^\* test\/1 +rxdepth-lite\/0/m);
  const { stdout: shown } = await rxdepth(home, 'show');
  t.regex(shown, /parent +rxdepth-lite\/0/);
  t.regex(shown, /judge +promoted: better/);
  t.is((await rxdepth(home, 'rollback')).stdout, 'rxdepth-lite/0 (was test/1)\n');
  t.is((await rxdepth(home, 'use', 'test/1')).stdout, 'test/1 (was rxdepth-lite/0)\n');
  const json = JSON.parse((await rxdepth(home, 'list', '--json')).stdout) as {
    name: string;
    current: boolean;
  }[];
  t.deepEqual(
    json.map(({ name, current }) => [name, current]),
    [
      ['rxdepth-lite', false],
      ['test', true],
    ],
  );
});

test('model use refuses what is no version', async (t) => {
  const { home } = t.context;
  t.regex((await rxdepth(home, 'use', 'nonsense')).stderr, /^rxdepth: expected a version as `NAME\/N`/);
  t.regex((await rxdepth(home, 'use', '4')).stderr, /^rxdepth: There is no version `rxdepth-lite\/4`/);
});

test('model use takes a model folder, which it stores once as the next version of its name', async (t) => {
  const { root, home } = t.context;
  const imported = path.join(root, 'imported');
  await writeTestModel(imported);
  t.is((await rxdepth(home, 'use', imported)).stdout, 'test/1 (was rxdepth-lite/0)\n');
  t.is((await rxdepth(home, 'rollback')).stdout, 'rxdepth-lite/0 (was test/1)\n');
  t.is((await rxdepth(home, 'use', imported)).stdout, 'test/1 (was rxdepth-lite/0)\n');
  await writeTestModel(imported, { disparity: [0.02, 0.5] });
  t.is((await rxdepth(home, 'use', imported)).stdout, 'test/2 (was test/1)\n');
  const store = new VersionStore({ home });
  t.is((await store.load({ name: 'test', version: 2 })).manifest.provenance.parent, undefined);
  await writeFile(path.join(imported, 'perception.onnx'), 'other bytes');
  t.regex((await rxdepth(home, 'use', imported)).stderr, /perception\.onnx/);
  t.is((await store.current()).version, 2);
});

test('a model is meant by its folder, by its version, or is the current one', async (t) => {
  const { root, home } = t.context;
  const model = path.join(root, 'model');
  await writeTestModel(model);
  const store = new VersionStore({ home, shipped: model });
  t.is(await resolveModel(undefined, store), model);
  const { folder } = await store.promote(model, { name: 'test', version: 0 });
  t.is(await resolveModel(undefined, store), folder);
  t.is(await resolveModel('test/0', store), model);
  t.is(await resolveModel(root, store), root);
});

test('the home is RXDEPTH_HOME, else the XDG data folder', (t) => {
  t.is(rxdepthHome({ RXDEPTH_HOME: '/a/b/' }), '/a/b/');
  t.is(rxdepthHome({ XDG_DATA_HOME: '/data' }), '/data/rxdepth');
  t.is(rxdepthHome({ XDG_DATA_HOME: 'relative' }), path.join(os.homedir(), '.local/share/rxdepth'));
  t.throws(() => rxdepthHome({ RXDEPTH_HOME: 'relative' }), { name: 'ModelError', message: /absolute path/ });
});
