import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { InferenceSession, Tensor } from '../../../models/onnxruntime.js';
import { GraphBuilder } from '../../../training/onnx/graph-builder.js';
import { readOnnxFile } from '../../../training/onnx/onnx-file.js';
import { calibrate } from '../../../training/quantization/calibrate.js';
import { editableGraph, encodeGraph } from '../../../training/quantization/editable-graph.js';
import { flattenBranches } from '../../../training/quantization/flatten-branches.js';
import { planQuantization, valuesOf } from '../../../training/quantization/quantization-plan.js';
import { quantizeGraph } from '../../../training/quantization/quantize-graph.js';
import { chooseRange } from '../../../training/quantization/value-range.js';

const [HEIGHT, WIDTH] = [10, 14] as const;

/** Numbers between -1 and 1 without a pattern, the same each time. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

/** Builds on an image of so many channels; returns the output. */
interface Pattern {
  readonly channels: number;
  build(g: GraphBuilder, x: string): string;
  /** Convolutions, by their place among all, that stay in float. */
  readonly float?: readonly number[];
  /** Whether the output is an index of a channel. */
  readonly ranks?: boolean;
}

let seed = 100;
function conv(g: GraphBuilder, x: string, inputs: number, outputs: number, kernel = 3): string {
  const pad = kernel >> 1;
  const filter = numbers(outputs * inputs * kernel * kernel, seed++);
  const shape = [outputs, inputs, kernel, kernel];
  const operands = [
    x,
    g.constant(filter, 'float32', shape),
    g.constant(numbers(outputs, seed++), 'float32', [outputs]),
  ];
  return g.op('Conv', operands, { pads: [pad, pad, pad, pad] });
}

function enlarge(g: GraphBuilder, x: string, down: number, across: number): string {
  const nearest = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  return g.op('Resize', [x, '', g.constant([1, 1, down, across], 'float32', [4])], nearest);
}

const relu6 = (g: GraphBuilder, x: string) =>
  g.op('Clip', [x, g.constant([0], 'float32', []), g.constant([6], 'float32', [])]);

function inBranch(g: GraphBuilder, then: (b: GraphBuilder) => string): string {
  const [result = ''] = g.if(
    g.input('wanted', 'bool', []),
    (b) => [then(b)],
    (b) => [b.constant([], 'float32', [0, 0, 0, 0])],
    1,
  );
  return result;
}

const patterns: Readonly<Record<string, Pattern>> = {
  'a grey image': { channels: 1, build: (g, x) => conv(g, conv(g, x, 1, 8), 8, 8) },
  'five channels': { channels: 5, build: (g, x) => conv(g, g.op('Relu', [conv(g, x, 5, 7)]), 7, 6) },
  'a bounded value beside a signed one': {
    channels: 3,
    build(g, x) {
      const both = [relu6(g, conv(g, x, 3, 8)), conv(g, x, 3, 8)];
      return conv(g, g.op('Concat', both, { axis: 1 }), 16, 8);
    },
  },
  'a value beside itself': {
    channels: 3,
    build(g, x) {
      const once = g.op('Relu', [conv(g, x, 3, 8)]);
      return conv(g, g.op('Concat', [once, once], { axis: 1 }), 16, 8);
    },
  },
  'a value beside the image': {
    channels: 3,
    build: (g, x) => conv(g, g.op('Concat', [g.op('Relu', [conv(g, x, 3, 8)]), x], { axis: 1 }), 11, 8),
  },
  'a value beside one of a float layer': {
    channels: 3,
    float: [1],
    build(g, x) {
      const both = [g.op('Relu', [conv(g, x, 3, 8)]), conv(g, x, 3, 8)];
      return conv(g, g.op('Concat', both, { axis: 1 }), 16, 8);
    },
  },
  'pixels copied once, three times across': {
    channels: 3,
    build: (g, x) => conv(g, enlarge(g, g.op('Relu', [conv(g, x, 3, 8)]), 1, 3), 8, 8),
  },
  'a value that is read as it is and made larger': {
    channels: 3,
    build(g, x) {
      const small = g.op('Relu', [conv(g, x, 3, 8)]);
      const large = enlarge(g, small, 2, 2);
      const both = g.op('Concat', [large, conv(g, enlarge(g, conv(g, small, 8, 8), 2, 2), 8, 8)], {
        axis: 1,
      });
      return conv(g, both, 16, 8);
    },
  },
  'joined channels made larger beside an even larger one': {
    channels: 3,
    build(g, x) {
      const [a, b] = [conv(g, x, 3, 8), g.op('Relu', [conv(g, x, 3, 8)])];
      const large = enlarge(g, g.op('Concat', [a, b], { axis: 1 }), 2, 2);
      const sum = g.op('Relu', [g.op('Add', [enlarge(g, a, 2, 2), conv(g, large, 16, 8)])]);
      return conv(g, g.op('Concat', [enlarge(g, sum, 1, 2), enlarge(g, large, 1, 2)], { axis: 1 }), 24, 8);
    },
  },
  'a branch that reads image, value and what was made larger': {
    channels: 3,
    build(g, x) {
      const value = g.op('Relu', [conv(g, x, 3, 8)]);
      const large = enlarge(g, value, 2, 2);
      return inBranch(g, (b) => {
        const inner = enlarge(b, b.op('Add', [conv(b, x, 3, 8), conv(b, value, 8, 8)]), 2, 2);
        return conv(b, b.op('Concat', [inner, large, enlarge(b, value, 2, 2)], { axis: 1 }), 24, 8);
      });
    },
  },
  'classes that are resized before they are ranked': {
    channels: 3,
    ranks: true,
    build(g, x) {
      const logits = conv(g, g.op('Relu', [conv(g, x, 3, 16)]), 16, 5);
      const larger = g.op('Resize', [logits, '', g.constant([1, 1, 2, 2], 'float32', [4])], {
        mode: 'linear',
      });
      return g.op('Cast', [g.op('ArgMax', [larger], { axis: 1, keepdims: 0 })], { to: 1 });
    },
  },
  'classes that are ranked and given out': {
    channels: 3,
    build(g, x) {
      const logits = conv(g, g.op('Relu', [conv(g, x, 3, 16)]), 16, 5);
      const best = g.op('Cast', [g.op('ArgMax', [logits], { axis: 1, keepdims: 1 })], { to: 1 });
      return g.op('Add', [logits, g.op('Mul', [best, g.constant([0], 'float32', [])])]);
    },
  },
};

function graphOf({ channels, build }: Pattern): GraphBuilder {
  seed = 100;
  const g = new GraphBuilder('pattern');
  g.output('y', build(g, g.input('x', 'float32', [1, channels, 'H', 'W'])), 'float32', ['a', 'b', 'c', 'd']);
  return g;
}

const yes = new Tensor('bool', [true], []);

async function run(bytes: Uint8Array, { channels }: Pattern, drawn: number) {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const image = new Tensor('float32', numbers(channels * HEIGHT * WIDTH, drawn), [
    1,
    channels,
    HEIGHT,
    WIDTH,
  ]);
  const { y } = await session.run({
    x: image,
    ...(session.inputNames.includes('wanted') && { wanted: yes }),
  });
  await session.release();
  if (y === undefined) throw new TypeError('the graph has that output');
  return { dims: y.dims, values: y.data as Float32Array };
}

async function quantized(pattern: Pattern): Promise<Uint8Array> {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'rxdepth-patterns-')), 'net.onnx');
  await writeFile(file, graphOf(pattern).toModel());
  const onnx = await readOnnxFile(file);
  const graph = editableGraph(onnx);
  const plan = planQuantization(graph);
  const values = valuesOf(plan);
  const inner = encodeGraph(flattenBranches(graph, values), onnx.model.opsets, {});
  const session = await InferenceSession.create(inner, { logSeverityLevel: 3 });
  const needs = session.inputNames.includes('wanted');
  const { channels } = pattern;
  const feeds = async function* () {
    for (const drawn of [1, 2, 3]) {
      const x = new Tensor('float32', numbers(channels * HEIGHT * WIDTH, drawn), [
        1,
        channels,
        HEIGHT,
        WIDTH,
      ]);
      yield { x, ...(needs && { wanted: yes }) };
    }
  };
  const { seen, inputMeans } = await calibrate(session, values, plan.convolutions, feeds);
  await session.release();
  const scales = new Map([...seen].map(([name, range]) => [name, chooseRange(range, { kind: 'mse' })]));
  const float = new Set((pattern.float ?? []).map((place) => plan.convolutions[place]?.id ?? ''));
  quantizeGraph(graph, { plan, scales, inputMeans, float });
  return encodeGraph(graph, onnx.model.opsets, {});
}

for (const [title, pattern] of Object.entries(patterns)) {
  test(`in 8 bits a network answers as in float: ${title}`, async (t) => {
    const bytes = await quantized(pattern);
    const exact = await run(graphOf(pattern).toModel(), pattern, 9);
    const rounded = await run(bytes, pattern, 9);
    t.deepEqual(rounded.dims, exact.dims);
    if (pattern.ranks) {
      const same = rounded.values.filter((value, i) => value === exact.values[i]).length;
      t.true(same > 0.9 * exact.values.length, `${same} of ${exact.values.length}`);
      return;
    }
    const power = exact.values.reduce((sum, value) => sum + value * value, 0);
    const error = exact.values.reduce((sum, value, i) => sum + (value - (rounded.values[i] ?? 0)) ** 2, 0);
    t.true(error > 0, 'it is not the float network');
    t.true(Math.sqrt(error / power) < 0.04, `${Math.sqrt(error / power)} of the output`);
  });
}
