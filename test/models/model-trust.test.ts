import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { externalData } from '../../models/external-data.js';
import { loadModel, shippedModel } from '../../models/model-store.js';
import { floatParent } from '../../training/adaptation/eight-bit-parent.js';
import { readStartingWeights } from '../../training/runs/starting-weights.js';
import { writeTinyModel } from '../training/adaptation/tiny-model.js';

const test = anyTest as TestFn<{ folder: string; at: (name: string) => string }>;

test.beforeEach(async (t) => {
  const folder = path.join(mkdtempSync(path.join(os.tmpdir(), 'rxdepth-trust-')), 'model');
  await writeTinyModel(folder);
  t.context = { folder, at: (name) => path.join(folder, name) };
});

test.afterEach.always((t) => rmSync(path.dirname(t.context.folder), { recursive: true }));

type Files = Record<string, { bytes: number; sha256: string }>;

function edit(file: string, change: (manifest: { files: Files }) => void): void {
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  change(manifest);
  writeFileSync(file, JSON.stringify(manifest));
}

test('weights that the manifest does not list are not used, tampered with or not', async (t) => {
  const { folder, at } = t.context;
  edit(at('manifest.json'), ({ files }) => delete files['weights.safetensors']);
  for (const change of [() => {}, () => writeFileSync(at('weights.safetensors'), 'tampered')]) {
    change();
    await t.throwsAsync(loadModel(folder), {
      name: 'ModelError',
      message:
        /perception\.onnx is not used: it has weights in weights\.safetensors, which manifest\.json does not list/,
    });
    await t.throwsAsync(readStartingWeights(folder, [], { networks: ['encoder'] }), { name: 'ModelError' });
  }
});

test('weights that were changed are not what a training starts from', async (t) => {
  const { folder, at } = t.context;
  const bytes = readFileSync(at('weights.safetensors'));
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
  writeFileSync(at('weights.safetensors'), bytes);
  await t.throwsAsync(readStartingWeights(folder, [], { networks: ['encoder'] }), {
    message: /changed or damaged/,
  });
});

for (const name of ['weights.safetensors', 'perception.onnx']) {
  test(`a symbolic link in the place of ${name} is refused with its reason`, async (t) => {
    const { folder, at } = t.context;
    renameSync(at(name), path.join(folder, '..', name));
    symlinkSync(`../${name}`, at(name));
    await t.throwsAsync(loadModel(folder), {
      name: 'ModelError',
      message: new RegExp(`${name} is a symbolic link; expected \`a regular file\``),
    });
    t.true(lstatSync(at(name)).isSymbolicLink());
  });
}

test('a folder in the place of a file is refused', async (t) => {
  const { folder, at } = t.context;
  rmSync(at('weights.safetensors'));
  mkdirSync(at('weights.safetensors'));
  await t.throwsAsync(loadModel(folder), { name: 'ModelError', message: /no regular file/ });
});

for (const name of ['../outside', '/etc/passwd', 'sub/file', '..', '.', '', 'a\\b', 'a\0b']) {
  test(`a manifest that lists ${JSON.stringify(name)} is refused`, async (t) => {
    const { folder, at } = t.context;
    edit(at('manifest.json'), ({ files }) => {
      files[name] = { bytes: 1, sha256: '0'.repeat(64) };
    });
    await t.throwsAsync(loadModel(folder), { name: 'ModelError', message: /must name files of the folder/ });
  });
}

test('a graph that reaches beyond its weights is refused', async (t) => {
  const { folder, at } = t.context;
  const cut = readFileSync(at('weights.safetensors')).subarray(0, 5000);
  writeFileSync(at('weights.safetensors'), cut);
  edit(at('manifest.json'), ({ files }) => {
    files['weights.safetensors'] = {
      bytes: cut.length,
      sha256: createHash('sha256').update(cut).digest('hex'),
    };
  });
  await t.throwsAsync(loadModel(folder), {
    name: 'ModelError',
    message: /weights at \d+ \+ \d+ of the 5000 bytes/,
  });
});

test('a manifest that is enormous or nested without end is refused', async (t) => {
  const { folder, at } = t.context;
  const text = readFileSync(at('manifest.json'), 'utf8');
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  writeFileSync(at('manifest.json'), text.replace('"options": {', `"options": { "deep": ${deep},`));
  await t.throwsAsync(loadModel(folder), { name: 'ModelError', message: /nested more than 64 deep/ });
  writeFileSync(at('manifest.json'), text + ' '.repeat(5 << 20));
  await t.throwsAsync(loadModel(folder), { name: 'ModelError', message: /it has \d+ bytes/ });
});

test('every weight of the float form of the shipped model is found in its graph, in the file that its manifest lists', async (t) => {
  const folder = await floatParent(await loadModel(shippedModel()), t.context.folder);
  const spans = externalData(readFileSync(path.join(folder, 'perception.onnx')));
  t.true(spans.length > 50);
  t.deepEqual([...new Set(spans.map(({ location }) => location))], ['weights.safetensors']);
  const bytes = spans.reduce((sum, { length }) => sum + Number(length), 0);
  const { manifest } = await loadModel(folder);
  const file = manifest.files['weights.safetensors']?.bytes ?? 0;
  // All of the file but its header and what only training needs.
  t.true(bytes > 0.8 * file && bytes < file, `${bytes} of ${file}`);
});
