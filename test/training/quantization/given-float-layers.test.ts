import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { type LoadedModel, loadModel, shippedModel } from '../../../models/model-store.js';
import { floatParent } from '../../../training/adaptation/eight-bit-parent.js';
import { GraphBuilder } from '../../../training/onnx/graph-builder.js';
import { readOnnxFile } from '../../../training/onnx/onnx-file.js';
import { allNodes, editableGraph, encodeGraph } from '../../../training/quantization/editable-graph.js';
import { givenFloatLayers } from '../../../training/quantization/given-float-layers.js';
import { runRxdepth } from '../../bin/run-rxdepth.js';

const test = anyTest as TestFn<{ root: string; float: LoadedModel }>;
/** What the shipped model's manifest says. */
const shippedChoice = async () => (await loadModel(shippedModel())).manifest.quantization?.float ?? [];

test.before(async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-float-layers-'));
  t.context = { root, float: await loadModel(await floatParent(await loadModel(shippedModel()), root)) };
});
test.after.always((t) => rm(t.context.root, { recursive: true, force: true }));

test('layers are named one by one, or by a model in 8 bits that has them in float', async (t) => {
  const { float } = t.context;
  const choice = await shippedChoice();
  t.is(choice.length, 6);
  const [first, second] = choice;
  t.deepEqual(await givenFloatLayers(float, [second, first, second]), [second, first]);
  t.deepEqual((await givenFloatLayers(float, [shippedModel()])).toSorted(), choice.toSorted());
  t.deepEqual((await givenFloatLayers(float, ['rxdepth-lite/0', first])).toSorted(), choice.toSorted());
});

test('an 8-bit model of the same network tells its layers by their place, whatever its export named them', async (t) => {
  const { root, float } = t.context;
  const file = await readOnnxFile(float.graphPath);
  const graph = editableGraph(file);
  // As if a later version wrote one more node before them all.
  const later = (name: string) =>
    name.replace(/^(Conv|BatchNormalization)_(\d+)$/, (_, op, n) => `${op}_${Number(n) + 2}`);
  for (const { node } of allNodes(graph)) {
    node.inputs = node.inputs.map(later);
    node.outputs = node.outputs.map(later);
  }
  const graphPath = path.join(root, 'renamed.onnx');
  await writeFile(graphPath, encodeGraph(graph, file.model.opsets, {}));
  const found = await givenFloatLayers({ ...float, graphPath }, [shippedModel()]);
  t.deepEqual(found.toSorted(), (await shippedChoice()).map(later).toSorted());
});

test('what names no layer of the model is an error that says what to name', async (t) => {
  const { root, float } = t.context;
  const g = new GraphBuilder('small');
  const x = g.input('x', 'float32', [1, 1, 4, 4]);
  const weight = g.constant(Float32Array.of(2), 'float32', [1, 1, 1, 1]);
  g.output('y', g.op('Conv', [x, weight]), 'float32', [1, 1, 4, 4]);
  const small = { ...float, graphPath: path.join(root, 'small.onnx') };
  await writeFile(small.graphPath, g.toModel());
  const fails = (model: LoadedModel, given: string, message: RegExp) =>
    t.throwsAsync(givenFloatLayers(model, [given]), { name: 'TrainingError', message }, given);
  await fails(float, 'Conv_0x', /`Conv_0x` is neither a model nor a convolution of .* has 59 convolutions/);
  await fails(float, float.folder, /computes in float/);
  await fails(small, shippedModel(), /its network is another .* \(59 and 1 convolutions/);
  await fails(small, 'y', /names all 1 convolutions .* nothing would compute in 8 bits/);
  await t.throwsAsync(givenFloatLayers(float, ['rxdepth-lite/77']), { message: /rxdepth-lite\/77/ });
});

test('the command refuses wrong layers before it reads any drive, and writes nothing', async (t) => {
  const { root, float } = t.context;
  const out = path.join(root, 'out');
  const quantize = async (...more: string[]) => {
    const args = ['model', 'quantize', float.folder, '-o', out, '--calibrate', path.join(root, 'no-drive')];
    const { code, stderr } = await runRxdepth([...args, ...more]);
    t.is(code, 1);
    return stderr;
  };
  t.regex(await quantize('--float', 'nothing'), /--float: `nothing` is neither/);
  t.regex(
    await quantize('--float', shippedModel(), '--goal', '0.02'),
    /--goal is about: leave one of them out/,
  );
  t.false(existsSync(out));
});
