import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { checkModelOutput, placeModelFolder } from '../../models/model-output.js';
import { loadModel } from '../../models/model-store.js';
import { resizeModel } from '../../training/perception-graph/resize-model.js';
import { writeTinyModel } from '../training/adaptation/tiny-model.js';

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'rxdepth-output-')));
test.after.always(() => rm(root, { recursive: true, force: true }));

let count = 0;
/** A folder of its own with these files; a name that ends in `/` is a folder. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = path.join(root, `folder-${count++}`, 'place');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    if (name.endsWith('/')) mkdirSync(path.join(folder, name), { recursive: true });
    else writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

/** Everything in a folder, links not followed. */
function contentOf(folder: string): unknown {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(folder, file), entry.isFile() ? readFileSync(file, 'utf8') : ''];
    })
    .sort();
}

const MANIFEST = JSON.stringify({ contract: 1, files: { 'perception.onnx': {}, 'weights.safetensors': {} } });
const MODEL = { 'manifest.json': MANIFEST, 'perception.onnx': 'graph', 'weights.safetensors': 'weights' };

const write = async (fresh: string) => writeFileSync(path.join(fresh, 'manifest.json'), 'new');

test('a model takes the place of nothing and of an empty folder, and leaves nothing beside it', async (t) => {
  const empty = folderOf({});
  const missing = path.join(folderOf({}), 'not', 'yet', 'there');
  for (const folder of [empty, missing]) {
    await placeModelFolder(folder, {}, write);
    t.deepEqual(contentOf(folder), [['manifest.json', 'new']]);
    t.deepEqual(readdirSync(path.dirname(folder)), [path.basename(folder)]);
  }
});

test('a model folder is replaced when that is asked for, and then as a whole', async (t) => {
  const folder = folderOf({ ...MODEL, 'judge.json': '{}' });
  await t.throwsAsync(placeModelFolder(folder, {}, write), {
    name: 'ModelError',
    message: /holds a model: .*`--overwrite`/,
  });
  await placeModelFolder(folder, { overwrite: true }, write);
  t.deepEqual(contentOf(folder), [['manifest.json', 'new']]);
  t.deepEqual(readdirSync(path.dirname(folder)), ['place']);
});

test('a model folder of another contract is a model folder all the same', async (t) => {
  const folder = folderOf({
    'manifest.json': JSON.stringify({ contract: 9, files: { 'a.onnx': {} } }),
    'a.onnx': '',
  });
  t.deepEqual((await checkModelOutput(folder, { overwrite: true }))?.toSorted(), ['a.onnx', 'manifest.json']);
});

const FOREIGN: readonly [what: string, files: Readonly<Record<string, string>>, reason: RegExp][] = [
  ["a user's file", { 'thesis.txt': 'three years' }, /has no `manifest\.json`/],
  ['a hidden file', { '.git': 'gitdir' }, /has no `manifest\.json`/],
  ['an empty folder within', { 'sub/': '' }, /has no `manifest\.json`/],
  ['a model and notes', { ...MODEL, 'notes.txt': 'mine' }, /`notes\.txt` is none of its files/],
  ['a model and a folder', { ...MODEL, 'more/x': 'mine' }, /`more` is no regular file/],
  [
    'a folder by the name of weights',
    { 'manifest.json': MANIFEST, 'weights.safetensors/x': 'm' },
    /no regular file/,
  ],
  [
    'a manifest of something else',
    { 'manifest.json': '{"name":"web app","files":["a"]}' },
    /is not one of a model/,
  ],
  ['a manifest that is no JSON', { 'manifest.json': 'mine' }, /is not one of a model/],
  ['a manifest that is null', { 'manifest.json': 'null' }, /is not one of a model/],
  ['a training run', { 'options.json': '{}', 'checkpoint/state.json': '{}' }, /has no `manifest\.json`/],
  [
    'a checkpoint',
    { 'weights.safetensors': 'w', 'optimizer.safetensors': 'o', 'state.json': '{}' },
    /has no `man/,
  ],
];

for (const [what, files, reason] of FOREIGN) {
  test(`${what} is left alone, with --overwrite too`, async (t) => {
    const folder = folderOf(files);
    const before = contentOf(path.dirname(folder));
    for (const overwrite of [false, true]) {
      const error = await t.throwsAsync(placeModelFolder(folder, { overwrite }, write), {
        name: 'ModelError',
      });
      t.regex(error?.message ?? '', reason);
      t.regex(error?.message ?? '', /Name another folder/);
    }
    t.deepEqual(contentOf(path.dirname(folder)), before);
  });
}

test('a file, a symbolic link, a link within a model and a folder below a file are left alone', async (t) => {
  const model = folderOf(MODEL);
  const around = path.dirname(model);
  symlinkSync('place', path.join(around, 'link'));
  symlinkSync('nowhere', path.join(around, 'dangling'));
  writeFileSync(path.join(around, 'file'), 'mine');
  const linked = folderOf({ 'manifest.json': MANIFEST, 'perception.onnx': '' });
  symlinkSync(path.join(around, 'file'), path.join(linked, 'weights.safetensors'));
  const before = contentOf(around);
  for (const folder of [
    ...['link', 'link/', 'dangling', 'file', 'file/below'].map((name) => `${around}/${name}`),
    linked,
  ])
    await t.throwsAsync(placeModelFolder(folder, { overwrite: true }, write), { name: 'ModelError' }, folder);
  t.deepEqual(contentOf(around), before);
  t.true(existsSync(path.join(linked, 'weights.safetensors')));
});

test('a model that is no good changes nothing, and neither does one whose place was taken meanwhile', async (t) => {
  const folder = folderOf(MODEL);
  const before = contentOf(path.dirname(folder));
  const fail = async () => {
    throw new Error('no good');
  };
  await t.throwsAsync(placeModelFolder(folder, { overwrite: true }, fail), { message: 'no good' });
  t.deepEqual(contentOf(path.dirname(folder)), before);
  const empty = folderOf({});
  const race = placeModelFolder(empty, {}, async () => writeFileSync(path.join(empty, 'mine'), 'x'));
  await t.throwsAsync(race, { message: /left alone/ });
  t.deepEqual(contentOf(path.dirname(empty)), [
    ['place', ''],
    ['place/mine', 'x'],
  ]);
});

test("what a user has beside it under the names of a model's drafts stays", async (t) => {
  const folder = folderOf(MODEL);
  for (const name of ['place.new', 'place.old']) {
    mkdirSync(path.join(path.dirname(folder), name));
    writeFileSync(path.join(path.dirname(folder), name, 'x'), 'mine');
  }
  await placeModelFolder(folder, { overwrite: true }, write);
  t.deepEqual(readdirSync(path.dirname(folder)).sort(), ['place', 'place.new', 'place.old']);
});

test('the model that another one is made from is not replaced, nor a place within or around it taken', async (t) => {
  const folder = path.join(root, 'original', 'model');
  await writeTinyModel(folder);
  const model = await loadModel(folder);
  symlinkSync(folder, path.join(root, 'original', 'link'));
  for (const output of [
    folder,
    path.join(folder, 'small'),
    path.join(root, 'original'),
    path.join(root, 'original/link/a'),
  ]) {
    await t.throwsAsync(
      resizeModel(model, { folder: output, overwrite: true }, 128 * 64),
      { message: /(is|lies in|holds) the model/ },
      output,
    );
  }
  await t.notThrowsAsync(loadModel(folder));
});

test.serial('a version of this machine is not replaced', async (t) => {
  const home = folderOf({ 'rxdepth-lite/2/manifest.json': MANIFEST });
  const before = process.env.RXDEPTH_HOME;
  process.env.RXDEPTH_HOME = home;
  try {
    const folder = path.join(home, 'rxdepth-lite', '2');
    await t.throwsAsync(placeModelFolder(folder, { overwrite: true }, write), { message: /never changes/ });
    renameSync(folder, path.join(home, 'own'));
    await placeModelFolder(path.join(home, 'own'), { overwrite: true }, write);
  } finally {
    if (before === undefined) delete process.env.RXDEPTH_HOME;
    else process.env.RXDEPTH_HOME = before;
  }
});
