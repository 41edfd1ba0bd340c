import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { InferenceSession, Tensor } from '../../../models/onnxruntime.js';
import { GraphBuilder } from '../../../training/onnx/graph-builder.js';
import { type OnnxFile, readOnnxFile } from '../../../training/onnx/onnx-file.js';
import { calibrate } from '../../../training/quantization/calibrate.js';
import { allNodes, editableGraph, encodeGraph } from '../../../training/quantization/editable-graph.js';
import { flattenBranches } from '../../../training/quantization/flatten-branches.js';
import { foldWeights } from '../../../training/quantization/fold-weights.js';
import { transposeNarrowHeads } from '../../../training/quantization/narrow-heads.js';
import { planQuantization, valuesOf } from '../../../training/quantization/quantization-plan.js';
import { quantizeGraph } from '../../../training/quantization/quantize-graph.js';
import { type ByteScale, byteScale, chooseRange } from '../../../training/quantization/value-range.js';
import { halfBits } from '../../../training/weights/half.js';

async function fileOf(g: GraphBuilder): Promise<OnnxFile> {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'rxdepth-quantization-')), 'net.onnx');
  await writeFile(file, g.toModel());
  return await readOnnxFile(file);
}

type Feeds = Record<string, Tensor>;

async function run(bytes: Uint8Array, feeds: Feeds, output: string): Promise<Float32Array> {
  const session = await InferenceSession.create(bytes);
  try {
    return (await session.run(feeds, [output]))[output]?.data as Float32Array;
  } finally {
    await session.release();
  }
}

/** Numbers between -1 and 1 without a pattern, the same each time. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

const image = (seed: number) => new Tensor('float32', numbers(3 * 12 * 16, seed), [1, 3, 12, 16]);

/**
 * A small network: convolution with BatchNormalization and ReLU, a depthwise one with half-precision weights, a residual
 * sum; in a branch, one more convolution of the inner value.
 */
function network(): GraphBuilder {
  const g = new GraphBuilder('net');
  const x = g.input('x', 'float32', [1, 3, 'H', 'W']);
  const wanted = g.input('wanted', 'bool', []);
  const pads = { pads: [1, 1, 1, 1] };
  const parameter = (seed: number, low: number) =>
    g.constant(
      numbers(8, seed).map((v) => low + Math.abs(v)),
      'float32',
      [8],
    );
  const first = g.op('Conv', [x, g.constant(numbers(8 * 27, 1), 'float32', [8, 3, 3, 3])], pads);
  const normalized = g.op('BatchNormalization', [
    first,
    parameter(2, 0.5),
    g.constant(numbers(8, 3), 'float32', [8]),
    g.constant(numbers(8, 4), 'float32', [8]),
    parameter(5, 0.5),
  ]);
  const active = g.op('Relu', [normalized]);
  const half = g.constant(Uint16Array.from(numbers(8 * 9, 6), halfBits), 'float16', [8, 1, 3, 3]);
  const wide = g.op('Cast', [half], { to: 1 });
  const depthwise = g.op('Conv', [active, wide, g.constant(numbers(8, 7), 'float32', [8])], {
    ...pads,
    group: 8,
  });
  const sum = g.op('Add', [depthwise, active]);
  g.output('sum', sum, 'float32', [1, 8, 'H', 'W']);
  const [branched = ''] = g.if(
    wanted,
    (b) => [b.op('Conv', [sum, b.constant(numbers(4 * 8, 8), 'float32', [4, 8, 1, 1])])],
    (b) => [b.constant([], 'float32', [0, 0, 0, 0])],
    1,
  );
  g.output('branched', branched, 'float32', ['a', 'b', 'c', 'd']);
  return g;
}

const yes = new Tensor('bool', [true], []);

test('folding leaves convolutions alone, and what the graph computes', async (t) => {
  const file = await fileOf(network());
  const graph = editableGraph(file);
  foldWeights(graph);
  const kinds = [...allNodes(graph)].map(({ node }) => node.opType);
  t.deepEqual(
    kinds.filter((kind) => kind === 'BatchNormalization' || kind === 'Cast'),
    [],
  );
  const folded = encodeGraph(graph, file.model.opsets, {});
  for (const output of ['sum', 'branched']) {
    const expected = await run(network().toModel(), { x: image(11), wanted: yes }, output);
    const got = await run(folded, { x: image(11), wanted: yes }, output);
    t.is(got.length, expected.length);
    t.true(got.every((value, i) => Math.abs(value - (expected[i] ?? 0)) < 1e-4));
  }
});

/** Quantizes a network by the ranges of three pictures. */
async function quantized(float: readonly string[] = [], made = network()) {
  const file = await fileOf(made);
  const graph = editableGraph(file);
  foldWeights(graph);
  transposeNarrowHeads(graph);
  const plan = planQuantization(graph);
  const values = valuesOf(plan);
  const inner = encodeGraph(flattenBranches(graph, values), file.model.opsets, {});
  const session = await InferenceSession.create(inner);
  const feeds = async function* () {
    for (const seed of [21, 22, 23]) yield { x: image(seed), ...(hasBranch && { wanted: yes }) };
  };
  const hasBranch = session.inputNames.includes('wanted');
  const { seen, inputMeans } = await calibrate(session, values, plan.convolutions, feeds);
  await session.release();
  const scales = new Map<string, ByteScale>(
    [...seen].map(([name, range]) => [name, chooseRange(range, { kind: 'mse' })]),
  );
  quantizeGraph(graph, { plan, scales, inputMeans, float: new Set(float) });
  return { graph, plan, seen, inputMeans, bytes: encodeGraph(graph, file.model.opsets, {}) };
}

test('an 8-bit network answers as the float one within the steps of its values, branches too', async (t) => {
  const { bytes, plan } = await quantized();
  t.is(plan.convolutions.length, 3);
  for (const output of ['sum', 'branched']) {
    const expected = await run(network().toModel(), { x: image(31), wanted: yes }, output);
    const got = await run(bytes, { x: image(31), wanted: yes }, output);
    const size = Math.max(...expected.map(Math.abs));
    const error = Math.sqrt(
      expected.reduce((sum, value, i) => sum + (value - (got[i] ?? 0)) ** 2, 0) / expected.length,
    );
    t.true(error < 0.02 * size, `${output}: ${error} of ${size}`);
    t.true(error > 0, 'it is not the float network');
  }
  const no = new Tensor('bool', [false], []);
  t.is((await run(bytes, { x: image(31), wanted: no }, 'branched')).length, 0);
});

test('calibration sees the bounds, the whole histogram and the channel means', async (t) => {
  const { seen, inputMeans, plan } = await quantized();
  const pictures = [21, 22, 23].map((seed) => numbers(3 * 12 * 16, seed));
  const all = pictures.flatMap((data) => [...data]);
  const input = seen.get('x');
  t.is(input?.min, Math.min(...all));
  t.is(input?.max, Math.max(...all));
  t.is(
    input?.counts.reduce((sum, n) => sum + n, 0),
    all.length,
  );
  const means = inputMeans.get(plan.convolutions.find(({ input: name }) => name === 'x')?.id ?? '');
  const expected = [0, 1, 2].map(
    (c) =>
      pictures.reduce(
        (sum, data) => sum + data.subarray(c * 192, (c + 1) * 192).reduce((s, v) => s + v, 0),
        0,
      ) / 576,
  );
  t.true(expected.every((value, c) => Math.abs(value - (means?.[c] ?? 9)) < 1e-6));
});

test('a convolution that stays in float keeps its weights, the others are int8', async (t) => {
  const { plan } = await quantized();
  const kept = plan.convolutions[1]?.id ?? '';
  const { graph } = await quantized([kept]);
  const int8 = new Map([...allNodes(graph)].flatMap(({ graph: inner }) => [...inner.constants]));
  t.is([...int8.values()].filter(({ dtype, shape }) => dtype === 'int8' && shape.length === 4).length, 2);
  t.false(int8.has(`${kept}.w8`));
});

test('one 1x1 convolution computes what integer arithmetic by hand gives', async (t) => {
  const g = new GraphBuilder('one');
  const x = g.input('x', 'float32', [1, 1, 1, 4]);
  g.output(
    'y',
    g.op('Conv', [x, g.constant([0.5], 'float32', [1, 1, 1, 1]), g.constant([0.25], 'float32', [1])]),
    'float32',
    [1, 1, 1, 4],
  );
  const file = await fileOf(g);
  const graph = editableGraph(file);
  const plan = planQuantization(graph);
  const [only] = plan.convolutions;
  const scales = new Map([
    ['x', byteScale(0, 2.55)], // steps of 0.01
    [only?.output ?? '', byteScale(0, 5.1)], // steps of 0.02
  ]);
  quantizeGraph(graph, { plan, scales, inputMeans: new Map(), float: new Set() });
  const y = await run(
    encodeGraph(graph, file.model.opsets, {}),
    { x: new Tensor('float32', Float32Array.of(0, 1.004, 2, 9), [1, 1, 1, 4]) },
    'y',
  );
  // 0.5 x + 0.25 on bytes 0, 100, 200 and 255 (cut off): 0.25, 0.75, 1.25, 1.525 to the next multiple of 0.02.
  const expected = [0.25, 0.75, 1.25, 1.525];
  for (const [i, value] of expected.entries())
    t.true(Math.abs((y[i] ?? 0) - value) <= 0.0101, `${y[i]} for ${value}`);
  t.true(y.every((value) => Math.abs(value / 0.02 - Math.round(value / 0.02)) < 1e-3));
});

/** A decoder: features made larger beside a signed skip connection, logits of 19 classes in a branch, a head of one channel. */
function decoder(resized = true): GraphBuilder {
  const g = new GraphBuilder('decoder');
  const x = g.input('x', 'float32', [1, 3, 'H', 'W']);
  const wanted = g.input('wanted', 'bool', []);
  const filter = (seed: number, shape: readonly number[]) =>
    g.constant(
      numbers(
        shape.reduce((a, b) => a * b),
        seed,
      ),
      'float32',
      shape,
    );
  const pads = { pads: [1, 1, 1, 1] };
  const skip = g.op('Conv', [x, filter(41, [8, 3, 3, 3])], pads);
  const deep = g.op('Relu', [g.op('Conv', [skip, filter(42, [16, 8, 3, 3])], { ...pads, strides: [2, 2] })]);
  const large = g.op('Resize', [deep, '', g.constant([1, 1, 2, 2], 'float32', [4])], {
    ...{ mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
  });
  const both = g.op('Concat', [large, skip], { axis: 1 });
  const merged = g.op('Relu', [g.op('Conv', [both, filter(43, [16, 24, 3, 3])], pads)]);
  g.output('large', resized ? large : deep, 'float32', [1, 16, 'h', 'w']);
  const head = g.op('Conv', [merged, filter(44, [1, 16, 3, 3]), filter(45, [1])], pads);
  g.output('head', head, 'float32', [1, 1, 'H', 'W']);
  const [labels = ''] = g.if(
    wanted,
    (b) => {
      const weights = b.constant(numbers(19 * 16 * 9, 46), 'float32', [19, 16, 3, 3]);
      const logits = b.op('Conv', [merged, weights, b.constant(numbers(19, 47), 'float32', [19])], pads);
      return [b.op('Cast', [b.op('ArgMax', [logits], { axis: 1, keepdims: 0 })], { to: 1 })];
    },
    (b) => [b.constant([], 'float32', [0, 0, 0])],
    1,
  );
  g.output('labels', labels, 'float32', ['a', 'b', 'c']);
  return g;
}

test('pixels that are copied as bytes are the bytes of the small picture', async (t) => {
  // The same network, once with the features before they are made larger: the same ranges, so the same bytes.
  const { bytes } = await quantized([], decoder());
  const { bytes: smallBytes } = await quantized([], decoder(false));
  const large = await run(bytes, { x: image(51), wanted: yes }, 'large');
  const small = await run(smallBytes, { x: image(51), wanted: yes }, 'large');
  t.is(large.length, 16 * 12 * 16);
  t.is(small.length, 16 * 6 * 8);
  // The larger ones take the scale of what lies beside them: equal within half of its step.
  const step = Math.max(...small) / 50;
  for (const [i, value] of large.entries()) {
    const [c, y, x] = [Math.floor(i / 192), Math.floor((i % 192) / 16), i % 16];
    t.true(Math.abs(value - (small[c * 48 + (y >> 1) * 8 + (x >> 1)] ?? 9)) <= step, `at ${c} ${y} ${x}`);
    t.is(value, large[c * 192 + (y & ~1) * 16 + (x & ~1)], 'one of four copies');
  }
});

test('a decoder in 8 bits answers as the float one, and no filling channel is ever a class', async (t) => {
  const { bytes } = await quantized([], decoder());
  const feeds = { x: image(52), wanted: yes };
  const [exact, rounded] = [await run(decoder().toModel(), feeds, 'head'), await run(bytes, feeds, 'head')];
  const size = Math.max(...exact.map(Math.abs));
  t.true(exact.every((value, i) => Math.abs(value - (rounded[i] ?? 0)) < 0.05 * size));
  const [classes, labels] = [
    await run(decoder().toModel(), feeds, 'labels'),
    await run(bytes, feeds, 'labels'),
  ];
  t.is(labels.length, classes.length);
  t.true(labels.every((label) => label < 19));
  const same = labels.filter((label, i) => label === classes[i]).length;
  t.true(same > 0.9 * labels.length, `${same} of ${labels.length}`);
});

/** Operators that onnxruntime runs once it has joined what it can, those of branches too. */
async function operators(bytes: Uint8Array): Promise<Map<string, number>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-optimized-'));
  const optimizedModelFilePath = path.join(folder, 'optimized.onnx');
  await (await InferenceSession.create(bytes, { optimizedModelFilePath, logSeverityLevel: 3 })).release();
  const counts = new Map<string, number>();
  for (const { node } of allNodes(editableGraph(await readOnnxFile(optimizedModelFilePath))))
    counts.set(node.opType, (counts.get(node.opType) ?? 0) + 1);
  return counts;
}

test('the runtime computes every rounded convolution in integers, and moves bytes alone', async (t) => {
  const { bytes } = await quantized([], decoder());
  const counts = await operators(bytes);
  t.is(counts.get('QLinearConv'), 4);
  t.is(counts.get('QLinearConcat'), 1);
  // One value becomes bytes, and the head, the classes and the output come back: the first two maybe only once.
  t.is(counts.get('QuantizeLinear'), 1);
  t.true((counts.get('DequantizeLinear') ?? 0) <= 3);
  for (const operator of ['Conv', 'FusedConv', 'Resize', 'Relu', 'ReorderInput', 'ReorderOutput'])
    t.is(counts.get(operator) ?? 0, 0, operator);
});

test('depthwise filters that are reshaped within the graph have one scale a channel, as all others', async (t) => {
  const g = new GraphBuilder('depthwise');
  const x = g.input('x', 'float32', [1, 3, 'H', 'W']);
  // Channels of very different size: one scale for all would lose the small ones.
  const values = numbers(27, 61).map((value, i) => value * [1, 0.01, 100][i % 3]);
  const stored = g.constant(values, 'float32', [3, 3, 3]); // [h, w, channel]
  const wide = g.op('Unsqueeze', [stored, g.constant([3], 'int64', [1])]);
  const turned = g.op('Transpose', [wide], { perm: [2, 3, 0, 1] });
  const filter = g.op('Reshape', [turned, g.constant([3, 1, 3, 3], 'int64', [4])]);
  g.output('y', g.op('Conv', [x, filter], { pads: [1, 1, 1, 1], group: 3 }), 'float32', [1, 3, 'H', 'W']);
  const { graph, plan } = await quantized([], g);
  const [only] = plan.convolutions;
  const scales = graph.constants.get(`${only?.id}.w8.scale`)?.data;
  const largest = [0, 1, 2].map((c) => Math.max(...values.filter((_, i) => i % 3 === c).map(Math.abs)));
  t.is(scales?.length, 3);
  t.true(largest.every((value, c) => Math.abs(Number(scales?.[c]) * 127 - value) < 1e-5 * value));
});
