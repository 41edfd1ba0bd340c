import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { loadModel } from '../../../models/model-store.js';
import { readPrivateKey, writeKeyPair } from '../../../models/releases/release-keys.js';
import { signModel } from '../../../models/releases/sign-model.js';
import { writeTestModel } from '../../nodes/test-model.js';

test('a folder with the name of the next release stays as it is, even the model that is signed', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-sign-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const at = (name: string) => path.join(root, name);
  await writeKeyPair(at('key'));
  const key = await readPrivateKey(at('key'));
  await mkdir(at('models'));
  const model = await writeTestModel(at('models/test-1'));
  const before = await readFile(path.join(model, 'perception.onnx'));

  const { release, folder } = await signModel(model, at('models'), key);
  t.is(release.release, 2);
  t.is(folder, at('models/test-2'));
  t.deepEqual(await readFile(path.join(model, 'perception.onnx')), before);
  t.is((await loadModel(folder)).manifest.name, 'test');

  await mkdir(at('models/test-3'));
  await writeFile(at('models/test-3/notes.txt'), 'mine');
  t.is((await signModel(model, at('models'), key)).release.release, 4);
  t.is(await readFile(at('models/test-3/notes.txt'), 'utf8'), 'mine');
});

test('a folder that holds anything else is left alone, whatever is listed first', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-sign-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const at = (name: string) => path.join(root, name);
  await writeKeyPair(at('key'));
  const model = await writeTestModel(at('model'));
  await mkdir(at('shelf/a-1'), { recursive: true });
  await writeFile(at('shelf/thesis.txt'), 'mine');
  await t.throwsAsync(signModel(model, at('shelf'), await readPrivateKey(at('key'))), {
    message: /left alone: `thesis\.txt`/,
  });
  t.deepEqual((await readdir(at('shelf'))).sort(), ['a-1', 'thesis.txt']);
});
