import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { InferenceSession, Tensor } from '../../../models/onnxruntime.js';
import { GraphBuilder } from '../../../training/onnx/graph-builder.js';
import { readOnnxFile } from '../../../training/onnx/onnx-file.js';
import { editableGraph, encodeGraph } from '../../../training/quantization/editable-graph.js';
import { transposeNarrowHeads } from '../../../training/quantization/narrow-heads.js';

const wave = (count: number, step: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(i * step));

interface Head {
  readonly channels: number;
  readonly kernel: readonly [height: number, width: number];
  readonly attributes: Readonly<Record<string, number | number[]>>;
}

function headGraph({ channels, kernel, attributes }: Head): GraphBuilder {
  const g = new GraphBuilder('head');
  const x = g.input('x', 'float32', [1, 5, 'H', 'W']);
  const filter = g.constant(wave(channels * 5 * kernel[0] * kernel[1], 1.7), 'float32', [
    channels,
    5,
    ...kernel,
  ]);
  const y = g.op('Conv', [x, filter, g.constant(wave(channels, 0.9), 'float32', [channels])], attributes);
  g.output('y', y, 'float32', [1, channels, 'h', 'w']);
  return g;
}

async function answers(bytes: Uint8Array) {
  const session = await InferenceSession.create(bytes);
  const { y } = await session.run({ x: new Tensor('float32', wave(5 * 7 * 9, 0.31), [1, 5, 7, 9]) });
  await session.release();
  if (y === undefined) throw new TypeError('the graph has that output');
  return { dims: y.dims, numbers: y.data as Float32Array };
}

async function transposed(head: Head) {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'rxdepth-heads-')), 'head.onnx');
  await writeFile(file, headGraph(head).toModel());
  const onnx = await readOnnxFile(file);
  const graph = editableGraph(onnx);
  transposeNarrowHeads(graph);
  return { kinds: graph.nodes.map(({ opType }) => opType), bytes: encodeGraph(graph, onnx.model.opsets, {}) };
}

const heads: Readonly<Record<string, Head>> = {
  'one channel with its border': { channels: 1, kernel: [3, 3], attributes: { pads: [1, 1, 1, 1] } },
  'without a border': { channels: 1, kernel: [3, 3], attributes: {} },
  'three channels, uneven filter and border': {
    channels: 3,
    kernel: [3, 5],
    attributes: { pads: [2, 0, 1, 3] },
  },
};

for (const [title, head] of Object.entries(heads)) {
  test(`a convolution of ${title} computes the same as a transposed one`, async (t) => {
    const { kinds, bytes } = await transposed(head);
    t.deepEqual(kinds, ['ConvTranspose']);
    const [expected, got] = [await answers(headGraph(head).toModel()), await answers(bytes)];
    t.deepEqual(got.dims, expected.dims);
    t.true(got.numbers.every((value, i) => Math.abs(value - (expected.numbers[i] ?? 9)) < 1e-5));
  });
}

const others: Readonly<Record<string, Head>> = {
  'many channels': { channels: 5, kernel: [3, 3], attributes: {} },
  'one tap': { channels: 1, kernel: [1, 1], attributes: {} },
  strides: { channels: 1, kernel: [3, 3], attributes: { strides: [2, 2] } },
  'a border wider than its filter reaches': {
    channels: 1,
    kernel: [3, 3],
    attributes: { pads: [3, 3, 3, 3] },
  },
};

for (const [title, head] of Object.entries(others)) {
  test(`a convolution of ${title} stays as it is`, async (t) => {
    t.deepEqual((await transposed(head)).kinds, ['Conv']);
  });
}
