import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { loadModel } from '../../models/model-store.js';
import { writeTestModel } from '../nodes/test-model.js';

const test = anyTest as TestFn<{ folder: string }>;

test.beforeEach(async (t) => {
  t.context = { folder: await mkdtemp(path.join(tmpdir(), 'rxdepth-model-')) };
  await writeTestModel(t.context.folder);
});

test.afterEach.always((t) => rm(t.context.folder, { recursive: true }));

async function change(folder: string, edit: (manifest: Record<string, unknown>) => void): Promise<void> {
  const file = path.join(folder, 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  edit(manifest);
  await writeFile(file, JSON.stringify(manifest));
}

test('a sound model folder is loaded', async (t) => {
  const { folder } = t.context;
  const model = await loadModel(folder);
  t.is(model.manifest.name, 'test');
  t.is(model.graphPath, path.join(folder, 'perception.onnx'));
});

test('a folder without a manifest says what a model folder holds', async (t) => {
  await t.throwsAsync(loadModel(path.join(t.context.folder, 'nothing')), {
    name: 'ModelError',
    message: /nothing is not a model folder.*`manifest\.json`/s,
  });
  await writeFile(path.join(t.context.folder, 'manifest.json'), '{');
  await t.throwsAsync(loadModel(t.context.folder), { name: 'ModelError', message: /not JSON/ });
});

test('a model of another graph contract says which side is older', async (t) => {
  await change(t.context.folder, (manifest) => (manifest.contract = 2));
  await t.throwsAsync(loadModel(t.context.folder), {
    name: 'ModelError',
    message: /contract 2, this rxdepth `1`; update/,
  });
});

test('a file that is missing, cut or changed is refused by name', async (t) => {
  const { folder } = t.context;
  const graph = path.join(folder, 'perception.onnx');
  const bytes = await readFile(graph);
  await writeFile(
    graph,
    bytes.map((byte, i) => (i === 99 ? byte ^ 1 : byte)),
  );
  await t.throwsAsync(loadModel(folder), {
    name: 'ModelError',
    message: /perception\.onnx was changed or damaged/,
  });
  await appendFile(graph, 'x');
  await t.throwsAsync(loadModel(folder), {
    name: 'ModelError',
    message: /perception\.onnx: expected `\d+` bytes/,
  });
  await rm(graph);
  await t.throwsAsync(loadModel(folder), { name: 'ModelError', message: /perception\.onnx is missing/ });
});

test('a manifest cannot reach outside of its folder', async (t) => {
  await change(t.context.folder, (manifest) => {
    const files = manifest.files as Record<string, unknown>;
    files['../secret'] = files['perception.onnx'];
  });
  await t.throwsAsync(loadModel(t.context.folder), {
    name: 'ModelError',
    message: /must name files of the folder/,
  });
});

test('a manifest without the graph among its files is refused', async (t) => {
  await change(t.context.folder, (manifest) => (manifest.files = {}));
  await t.throwsAsync(loadModel(t.context.folder), {
    name: 'ModelError',
    message: /expected `perception\.onnx`/,
  });
});

test('a model without classes is a model: it has depth alone', async (t) => {
  await change(t.context.folder, (manifest) => (manifest.classes = []));
  const { manifest } = await loadModel(t.context.folder);
  t.deepEqual(manifest.classes, []);
  await change(t.context.folder, (changed) => delete changed.classes);
  await t.throwsAsync(loadModel(t.context.folder), { name: 'ModelError', message: /classes/ });
});
