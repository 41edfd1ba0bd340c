import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { InferenceSession, Tensor } from '../../../models/onnxruntime.js';
import { GraphBuilder } from '../../../training/onnx/graph-builder.js';
import { compileTrainingStep } from '../../../training/tracer/compile-training-step.js';

const LAYERS = 6;

/** Layers on a matrix, and a result of each: sums as gradients end in them, of transposed and other matrices. */
function layers(): GraphBuilder {
  const g = new GraphBuilder('layers');
  const x = g.input('x', 'float32', [3, 4]);
  const results: string[] = [];
  let y = x;
  for (let i = 0; i < LAYERS; i++) {
    y = g.labelled(`layer${i}`, () => g.op('Sin', [y]));
    const turned = (value: string) => (i % 2 === 0 ? value : g.op('Transpose', [value], { perm: [1, 0] }));
    results.push(
      g.labelled(`result${i}`, () => g.op('Add', [turned(g.op('Exp', [y])), turned(g.op('Cos', [y]))])),
    );
  }
  // Named from the last to the first, as a backward pass meets parameters.
  for (const [i, result] of [...results.entries()].reverse())
    g.output(`r${i}`, result, 'float32', i % 2 === 0 ? [3, 4] : [4, 3]);
  return g;
}

/** Names of the nodes in the order in which onnxruntime ran them, by its own profile. */
async function ran(profile: string): Promise<string[]> {
  const folder = path.dirname(profile);
  const [file = ''] = (await readdir(folder)).filter((name) => name.startsWith(path.basename(profile)));
  const events = JSON.parse(await readFile(path.join(folder, file), 'utf8')) as { name: string }[];
  const suffix = '_kernel_time';
  return events.flatMap(({ name }) => (name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : []));
}

test('onnxruntime computes each result before it goes on, with the same values', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'results-as-made-'));
  const feeds = {
    x: new Tensor(
      'float32',
      Float32Array.from({ length: 12 }, (_, i) => i / 7),
      [3, 4],
    ),
  };
  const values: unknown[] = [];
  for (const resultsAsMade of [false, true]) {
    const profileFilePrefix = path.join(folder, `${resultsAsMade}`);
    const session = await InferenceSession.create(layers().toModel({ resultsAsMade }), {
      ...{ enableProfiling: true, profileFilePrefix, intraOpNumThreads: 1 },
    });
    const outputs = await session.run(feeds);
    values.push(
      Object.keys(outputs)
        .sort()
        .map((name) => [name, outputs[name]?.dims, outputs[name]?.data]),
    );
    session.endProfiling();
    await session.release();
    const order = await ran(profileFilePrefix);
    const last = (label: string) => order.findLastIndex((name) => name.startsWith(`${label}/`));
    const early = Array.from({ length: LAYERS - 2 }, (_, i) => last(`result${i}`) < last(`layer${i + 2}`));
    t.is(early.every(Boolean), resultsAsMade, order.join(' '));
  }
  t.deepEqual(values[1], values[0]);
  await rm(folder, { recursive: true });
});

test("a training step has a layer's gradient before it goes back through all the others", async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'results-as-made-step-'));
  const shape = [3, 3, 4, 4];
  const names = Array.from({ length: LAYERS }, (_, i) => `w${i}`);
  const step = await compileTrainingStep({
    parameters: Object.fromEntries(names.map((name) => [name, { shape, layout: 'OIHW', trainable: true }])),
    batch: { x: { shape: [1, 8, 8, 4], dtype: 'float32' } },
    loss: (p, { x }) => {
      const y = names.reduce(
        (seen, name) => tf.relu(tf.conv2d(seen, p[name] as tf.Tensor4D, 1, 'same')),
        x as tf.Tensor4D,
      );
      return { loss: y.mean<tf.Scalar>() };
    },
    options: { threads: 1, profilePrefix: path.join(folder, 'step') },
  });
  const weights = () => Float32Array.from({ length: 144 }, (_, i) => Math.sin(i));
  const x = Float32Array.from({ length: 256 }, (_, i) => Math.cos(i));
  await step.step(Object.fromEntries(names.map((name) => [name, weights()])), { x });
  await step.close();
  const order = await ran(path.join(folder, 'step'));
  const first = order.findIndex((name) => name.startsWith('conv2DBackpropFilter/'));
  const last = order.findLastIndex((name) => name.startsWith('conv2DBackpropInput/'));
  t.true(first >= 0 && first < last, order.join(' '));
  await rm(folder, { recursive: true });
});
