import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { killAtRandomMoments } from '../../../bench/kill-safety/kill-moments.js';
import { loadModel, shippedModel } from '../../../models/model-store.js';
import { formatVersionId } from '../../../models/versions/version-id.js';
import { VersionStore } from '../../../models/versions/version-store.js';
import { writeTestModel } from '../../nodes/test-model.js';

const test = anyTest as TestFn<{ root: string; home: string; model: string; store: VersionStore }>;

test.beforeEach(async (t) => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-versions-'));
  const model = path.join(root, 'package-model');
  await writeTestModel(model);
  const home = path.join(root, 'home');
  t.context = { root, home, model, store: new VersionStore({ home, shipped: model }) };
});

test.afterEach.always((t) => rm(t.context.root, { recursive: true }));

const SHIPPED = { name: 'test', version: 0 };

async function listed(store: VersionStore): Promise<string[]> {
  const { versions } = await store.list();
  return versions.map((entry) => `${formatVersionId(entry)}${entry.current ? ' *' : ''}`);
}

async function changeManifest(folder: string, changes: object): Promise<void> {
  const file = path.join(folder, 'manifest.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...changes }));
}

test('without any version of its own, the shipped model is current, and reading creates nothing', async (t) => {
  const { store, model, home } = t.context;
  t.deepEqual(await listed(store), ['test/0 *']);
  t.is(await store.currentFolder(), model);
  t.false(existsSync(home));
});

test('a promotion makes the next version, current, with its parent and the hashes of all its files', async (t) => {
  const { store, model, home } = t.context;
  await writeFile(path.join(model, 'judge.json'), '{"verdict":"promoted"}');
  const promotion = await store.promote(model, SHIPPED);
  t.deepEqual(promotion, {
    version: { name: 'test', version: 1 },
    folder: path.join(home, 'test', '1'),
    current: true,
  });
  const { manifest } = await loadModel(promotion.folder);
  t.is(manifest.version, 1);
  t.is(manifest.provenance.parent, 'test/0');
  t.true(manifest.files['judge.json'] !== undefined);
  t.deepEqual(await listed(store), ['test/0', 'test/1 *']);
  t.is((await loadModel(model)).manifest.version, 3, 'the candidate stays as it is');
});

test('a promotion leaves the choice alone when something else than the parent is current by then', async (t) => {
  const { store, model } = t.context;
  await store.promote(model, SHIPPED);
  const second = await store.promote(model, SHIPPED);
  t.false(second.current);
  t.deepEqual(await listed(store), ['test/0', 'test/1 *', 'test/2']);
});

test('rollback retraces what was current, and says when there is nothing before', async (t) => {
  const { store, model } = t.context;
  await store.promote(model, SHIPPED);
  await store.promote(model, { name: 'test', version: 1 });
  t.deepEqual((await store.rollback()).to, { name: 'test', version: 1 });
  t.deepEqual((await store.rollback()).to, SHIPPED);
  await t.throwsAsync(store.rollback(), { name: 'ModelError', message: /nothing to go back to.*test\/0/ });
  t.is(formatVersionId(await store.use({ name: 'test', version: 2 })), 'test/0');
  t.deepEqual(await listed(store), ['test/0', 'test/1', 'test/2 *']);
});

test('a damaged version is not used, and rollback passes it over', async (t) => {
  const { store, model } = t.context;
  const { folder } = await store.promote(model, SHIPPED);
  await store.promote(model, { name: 'test', version: 1 });
  await appendFile(path.join(folder, 'perception.onnx'), 'x');
  await t.throwsAsync(store.use({ name: 'test', version: 1 }), {
    message: /perception\.onnx: expected `\d+` bytes/,
  });
  const { to, passedOver } = await store.rollback();
  t.deepEqual(to, SHIPPED);
  t.is(passedOver.length, 1);
});

test('a version that does not exist is refused by name, and so is version 0 of another model', async (t) => {
  const { store } = t.context;
  await t.throwsAsync(store.use({ name: 'test', version: 7 }), { message: /no version `test\/7`/ });
  await t.throwsAsync(store.use({ name: 'other', version: 0 }), { message: /no version 0 of `other`/ });
});

test('only so many versions are kept; the current one and the one before it always are', async (t) => {
  const { home, model } = t.context;
  const store = new VersionStore({ home, shipped: model, keep: 2 });
  let parent = SHIPPED;
  for (let i = 0; i < 3; i++) parent = (await store.promote(model, parent)).version;
  t.deepEqual(await listed(store), ['test/0', 'test/2', 'test/3 *']);
  await store.use({ name: 'test', version: 2 });
  for (let i = 0; i < 3; i++) await store.promote(model, SHIPPED);
  t.deepEqual(await listed(store), ['test/0', 'test/2 *', 'test/3', 'test/5', 'test/6']);
  t.deepEqual((await readdir(path.join(home, 'test'))).sort(), ['2', '3', '5', '6']);
});

test('what is no version is never listed, and half-written ones are cleaned up by the next change', async (t) => {
  const { store, home, model } = t.context;
  await store.promote(model, SHIPPED);
  await mkdir(path.join(home, 'test', '.rxdepth-staging'));
  await writeFile(path.join(home, 'test', '.rxdepth-staging', 'perception.onnx'), 'half');
  await mkdir(path.join(home, 'test', '.rxdepth-removed-9'));
  await mkdir(path.join(home, 'test', '12'));
  await writeFile(path.join(home, 'current.new'), '{');
  t.deepEqual(await listed(store), ['test/0', 'test/1 *']);
  t.regex((await store.list()).problems.join(), /test\/12 is not a model folder/);
  await store.tidy();
  t.deepEqual((await readdir(path.join(home, 'test'))).sort(), ['1', '12']);
  t.deepEqual((await readdir(home)).sort(), ['current', 'test']);
  t.is(
    (await store.promote(model, { name: 'test', version: 1 })).version.version,
    13,
    'no number is used twice',
  );
});

test('a model folder is stored once, whatever number, origin and reports it has', async (t) => {
  const { store, model, root } = t.context;
  t.deepEqual(await store.versionOf(model), SHIPPED);
  const other = await writeTestModel(path.join(root, 'other'), { disparity: [0.02, 0.5] });
  await writeFile(path.join(other, 'judge.json'), '{}');
  const first = await store.versionOf(other);
  t.deepEqual(first, { name: 'test', version: 1 });
  t.deepEqual(await store.versionOf(other), first);
  t.deepEqual(await store.versionOf(await store.folderOf(first)), first);
  const { manifest } = await loadModel(other);
  await changeManifest(other, { version: 7, provenance: { ...manifest.provenance, parent: 'test/0' } });
  t.deepEqual(await store.versionOf(other), first);
  const { version } = await store.promote(other, SHIPPED);
  await writeFile(path.join(await store.folderOf(version), 'notes'), 'no part of it');
  t.deepEqual(await store.versionOf(await store.folderOf(version)), first, 'the same model');
});

test('a model that says something else of the same files is stored as another version', async (t) => {
  const { store, model, root } = t.context;
  const { manifest } = await loadModel(model);
  const corrections: readonly (readonly [what: string, changes: object])[] = [
    ['license', { license: 'MIT' }],
    ['metric', { depth: { ...manifest.depth, metric: false } }],
    ['input', { input: { ...manifest.input, canonicalFocalPixels: 60 } }],
    ['classes', { classes: manifest.classes.map((entry) => ({ ...entry, dynamic: false })) }],
  ];
  for (const [index, [what, changes]] of corrections.entries()) {
    const folder = await writeTestModel(path.join(root, what));
    await changeManifest(folder, changes);
    const id = { name: 'test', version: index + 1 };
    t.deepEqual(await store.versionOf(folder), id, what);
    t.deepEqual(await store.versionOf(folder), id, `${what}, once more`);
    t.like((await store.load(id)).manifest, changes);
  }
});

test('a damaged version is not taken for the model that is given: that is stored again', async (t) => {
  const { store, root } = t.context;
  const other = await writeTestModel(path.join(root, 'other'), { disparity: [0.02, 0.5] });
  const first = await store.versionOf(other);
  await appendFile(path.join(await store.folderOf(first), 'perception.onnx'), 'x');
  t.deepEqual(await store.versionOf(other), { name: 'test', version: 2 });
});

test('a version folder that was copied under another number is not taken for that version', async (t) => {
  const { store, home, model } = t.context;
  await store.promote(model, SHIPPED);
  const { status } = spawnSync('cp', ['-r', path.join(home, 'test', '1'), path.join(home, 'test', '2')]);
  t.is(status, 0);
  t.regex((await store.list()).problems.join(), /says `test\/1`/);
  await t.throwsAsync(store.use({ name: 'test', version: 2 }), { message: /says `test\/1`/ });
});

test('a damaged pointer is reported with the way out, and `use` is that way', async (t) => {
  const { store, home, model } = t.context;
  await store.promote(model, SHIPPED);
  await writeFile(path.join(home, 'current'), 'test/1');
  await t.throwsAsync(store.current(), { name: 'ModelError', message: /damaged.*rxdepth model use/s });
  await store.use({ name: 'test', version: 1 });
  t.deepEqual(await store.current(), { name: 'test', version: 1 });
});

test('writers at the same time get versions of their own', async (t) => {
  const { store, home, model } = t.context;
  const stores = Array.from({ length: 6 }, () => new VersionStore({ home, shipped: model, keep: 10 }));
  const promotions = await Promise.all(stores.map((each) => each.promote(model, SHIPPED)));
  t.deepEqual(promotions.map(({ version }) => version.version).sort(), [1, 2, 3, 4, 5, 6]);
  t.is(promotions.filter(({ current }) => current).length, 1);
  t.is((await store.list()).versions.length, 7);
});

test('a home that cannot be written is an error with the reason, and the current model can still be read', async (t) => {
  if (process.getuid?.() === 0) {
    t.log('as root every folder can be written');
    t.pass();
    return;
  }
  const { store, home, model } = t.context;
  await mkdir(home);
  await chmod(home, 0o500);
  await t.throwsAsync(store.promote(model, SHIPPED), { name: 'ModelError', message: /EACCES/ });
  t.is(await store.currentFolder(), model);
  await chmod(home, 0o700);
});

test('kill -9 in the midst of promotions, choices and rollbacks leaves a current model and no half version', async (t) => {
  const { home, model } = t.context;
  await writeFile(path.join(model, 'filler.bin'), Buffer.alloc(2_000_000, 7));
  const report = await killAtRandomMoments({
    ...{ moments: 10, seed: 11, home, shipped: shippedModel(), longestMs: 600 },
    ...{ script: './change-versions.js', args: [home, model] },
  });
  t.log(report.during);
  t.deepEqual(report.failures, []);
  t.true(report.loaded > 0); // how many depends on the machine
  t.regex(await readFile(path.join(home, 'current'), 'utf8'), /"version"/);
});
