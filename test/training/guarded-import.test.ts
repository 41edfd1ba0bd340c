import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { stringify } from 'yaml';
import type { Graph } from '../../training/onnx/model-proto.js';
import { runRxdepth } from '../bin/run-rxdepth.js';
import { float, graphAttribute, modelBytes, node } from './perception-graph/import/carry-over.js';
import { depth, greyNetwork, H, W } from './perception-graph/import/import-set-up.js';

/** Adds for ever: neither a number of rounds nor a condition ends it. */
function endless(): Uint8Array {
  const body: Graph = {
    name: 'body',
    nodes: [node('Add', ['state', 'state'], ['next']), node('Identity', ['going'], ['on'])],
    initializers: [],
    inputs: [
      { name: 'i', type: { dtype: 'int64', shape: [] } },
      { name: 'going', type: { dtype: 'bool', shape: [] } },
      { name: 'state', type: { dtype: 'float32', shape: [1, 3, H, W] } },
    ],
    outputs: [{ name: 'on' }, { name: 'next' }],
  };
  const nodes = [
    node('Loop', ['', '', 'x'], ['z'], { body: graphAttribute(body) }),
    node('LeakyRelu', ['z'], ['y'], { alpha: float(1) }),
  ];
  return modelBytes(13, nodes, {
    shape: [1, 3, H, W],
    outputs: [{ name: 'y', type: { dtype: 'float32', shape: [1, 3, H, W] } }],
  });
}

test('a network that never ends is given up with a message, and leaves nothing behind', async (t) => {
  t.timeout(240_000);
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-guard-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const describe = (onnx: string, more: object) =>
    writeFile(
      path.join(folder, `${onnx}.yaml`),
      stringify({ name: 'net', license: 'MIT', depth: { ...depth, onnx, ...more } }),
    );
  await writeFile(path.join(folder, 'endless.onnx'), endless());
  await describe('endless.onnx', { channel: 0 });
  const given = await runRxdepth(
    ['model', 'import', 'endless.onnx.yaml', '-o', 'model', '--trial-seconds', '1'],
    { cwd: folder, timeoutMs: 200_000 },
  );
  t.like(given, { code: 1, signal: null, stdout: '' });
  t.regex(
    given.stderr,
    /^rxdepth: .*endless\.onnx computes a picture of .* for more than 1 s, and is given up.*`--trial-seconds`/m,
  );
  t.deepEqual((await readdir(folder)).sort(), ['endless.onnx', 'endless.onnx.yaml']);
  await writeFile(path.join(folder, 'sound.onnx'), greyNetwork());
  await describe('sound.onnx', {});
  const sound = await runRxdepth(['model', 'import', 'sound.onnx.yaml', '-o', 'model'], { cwd: folder });
  t.like(sound, { code: 0, stderr: '' });
  t.regex(sound.stdout, /^metric depth, no segmentation\n.*model\n$/s);
  const refused = await runRxdepth(['model', 'import', 'sound.onnx.yaml', '-o', 'model'], { cwd: folder });
  t.is(refused.code, 1);
  t.regex(refused.stderr, /^rxdepth: .*holds a model.*`--overwrite`/);
});
