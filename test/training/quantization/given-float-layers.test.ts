import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { type LoadedModel, loadModel, shippedModel } from '../../../models/model-store.js';
import { GraphBuilder } from '../../../training/onnx/graph-builder.js';
import { readOnnxFile } from '../../../training/onnx/onnx-file.js';
import { writeModel } from '../../../training/perception-graph/write-model.js';
import { encodeGraph } from '../../../training/quantization/editable-graph.js';
import { foldedGraph } from '../../../training/quantization/folded-graph.js';
import { givenFloatLayers } from '../../../training/quantization/given-float-layers.js';
import { planQuantization, valuesOf } from '../../../training/quantization/quantization-plan.js';
import { quantizeGraph } from '../../../training/quantization/quantize-graph.js';
import { byteScale } from '../../../training/quantization/value-range.js';
import { runRxdepth } from '../../bin/run-rxdepth.js';

const test = anyTest as TestFn<{ root: string; float: LoadedModel; rounded: string }>;

/** Convolutions of 3x3 and 1x1 in turn, and a head of one channel. @param before nodes that shift all later names */
function network({ kernels = [3, 1, 3], before = 0 } = {}): GraphBuilder {
  const g = new GraphBuilder('net');
  let value = g.input('x', 'float32', [1, 8, 'H', 'W']);
  for (let i = 0; i < before; i++) value = g.op('Relu', [value]);
  const filter = (outputs: number, size: number) =>
    g.constant(new Float32Array(outputs * 8 * size ** 2).fill(0.1), 'float32', [outputs, 8, size, size]);
  for (const size of kernels) {
    const pads = { pads: Array(4).fill((size - 1) / 2) as number[] };
    value = g.op('Relu', [g.op('Conv', [value, filter(8, size)], pads)]);
  }
  g.output('y', g.op('Conv', [value, filter(1, 3)], { pads: [1, 1, 1, 1] }), 'float32', [1, 1, 'H', 'W']);
  return g;
}

/** A model folder around a network; `float` by their places among what is rounded, undefined for one in float. */
async function folderOf(folder: string, net: GraphBuilder, float?: readonly number[]): Promise<LoadedModel> {
  const { files: _, quantization, ...manifest } = (await loadModel(shippedModel())).manifest;
  if (quantization === undefined) throw new TypeError('the shipped model computes in 8 bits');
  const file = path.join(path.dirname(folder), `${path.basename(folder)}.onnx`);
  await writeFile(file, net.toModel());
  const onnx = await readOnnxFile(file);
  const graph = foldedGraph(onnx);
  const plan = planQuantization(graph);
  const ids = (float ?? []).map((place) => plan.convolutions[place].id);
  if (float !== undefined) {
    const scales = new Map(valuesOf(plan).map((name) => [name, byteScale(0, 4)]));
    quantizeGraph(graph, { plan, scales, inputMeans: new Map(), float: new Set(ids) });
  }
  const bytes = float === undefined ? net.toModel() : encodeGraph(graph, onnx.model.opsets, {});
  const described = { ...manifest, ...(float && { quantization: { ...quantization, float: ids } }) };
  await writeModel({ folder }, described, { 'perception.onnx': bytes });
  return await loadModel(folder);
}

/** Names of the convolutions that may be rounded, in the order of the graph. */
const namesOf = async ({ graphPath }: LoadedModel) =>
  planQuantization(foldedGraph(await readOnnxFile(graphPath))).convolutions.map(({ id }) => id);

test.before(async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-float-layers-'));
  const rounded = path.join(root, 'rounded');
  await folderOf(rounded, network(), [1]);
  t.context = { root, rounded, float: await folderOf(path.join(root, 'float'), network()) };
});
test.after.always((t) => rm(t.context.root, { recursive: true, force: true }));

test('layers are named one by one, or by a model in 8 bits that has them in float', async (t) => {
  const { float, rounded } = t.context;
  const [first, second, third] = await namesOf(float);
  t.deepEqual(await givenFloatLayers(float, [third, first, third]), [third, first]);
  t.deepEqual(await givenFloatLayers(float, [rounded]), [second]);
  t.deepEqual(await givenFloatLayers(float, [first, rounded]), [first, second]);
});

test('an 8-bit model of the same network tells its layers by their place, whatever its export named them', async (t) => {
  const { root, rounded } = t.context;
  // As if a later version wrote one more node before them all.
  const later = await folderOf(path.join(root, 'later'), network({ before: 1 }));
  const names = await namesOf(later);
  t.not(names[1], (await namesOf(t.context.float))[1]);
  t.deepEqual(await givenFloatLayers(later, [rounded]), [names[1]]);
});

test('what names no layer of the model is an error that says what to name', async (t) => {
  const { root, float, rounded } = t.context;
  const fails = (model: LoadedModel, given: readonly string[], message: RegExp) =>
    t.throwsAsync(givenFloatLayers(model, given), { name: 'TrainingError', message }, given.join());
  await fails(
    float,
    ['Conv_0x'],
    /`Conv_0x` is neither a model nor a convolution of .* It has 3 convolutions/,
  );
  // The head of one channel computes in float in any case.
  await fails(float, ['y'], /`y` is neither/);
  await fails(float, [float.folder], /computes in float/);
  await fails(float, await namesOf(float), /names all 3 convolutions .* nothing would compute in 8 bits/);
  const shorter = await folderOf(path.join(root, 'shorter'), network({ kernels: [3, 1] }));
  await fails(shorter, [rounded], /its network is another .* \(3 and 2 convolutions/);
  const other = await folderOf(path.join(root, 'other'), network({ kernels: [1, 3, 3] }));
  await fails(other, [rounded], /its network is another/);
  await t.throwsAsync(givenFloatLayers(float, ['rxdepth-lite/77']), { message: /rxdepth-lite\/77/ });
});

test('the command refuses wrong layers before it reads any drive, and writes nothing', async (t) => {
  const { root, float, rounded } = t.context;
  const out = path.join(root, 'out');
  const quantize = async (...more: string[]) => {
    const args = ['model', 'quantize', float.folder, '-o', out, '--calibrate', path.join(root, 'no-drive')];
    const { code, stderr } = await runRxdepth([...args, ...more]);
    t.is(code, 1);
    return stderr;
  };
  t.regex(await quantize('--float', 'nothing'), /--float: `nothing` is neither/);
  const both = await quantize('--float', rounded, '--goal', '0.02');
  t.regex(both, /--goal is about: leave one of them out/);
  t.false(existsSync(out));
});
