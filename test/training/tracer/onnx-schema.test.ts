import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { GraphBuilder } from '../../../training/onnx/graph-builder.js';
import { lossAndGradients } from '../../../training/tracer/compile-training-step.js';
import { type Layout, orderOf, physicalShape } from '../../../training/tracer/lower/layout.js';
import type { Recomputation } from '../../../training/tracer/trace/recompute-activations.js';
import type { TracedFunction } from '../../../training/tracer/trace/record.js';
import type { TensorType } from '../../../training/tracer/trace/trace.js';
import { traceInto } from '../../../training/tracer/trace-into.js';
import { lossOf, simulatedBatch, startingParameters, TINY } from '../methods/sgdepth/sgdepth-step.js';
import { useEagerBackend, withGradients } from './parity.js';
import { PARITY_CASES } from './parity-cases.js';

type Inputs = Readonly<Record<string, TensorType & { readonly layout?: Layout }>>;

/** Prints, as JSON, what the ONNX checker has against each of the models named on standard input. */
const CHECK = `
import json, sys, onnx
found = {}
for path in json.load(sys.stdin):
    try:
        onnx.checker.check_model(path, full_check=True)
    except Exception as error:
        found[path] = str(error)
print(json.dumps(found))
`;

function graphOf(fn: TracedFunction, inputs: Inputs, recompute?: Recomputation): GraphBuilder {
  const g = new GraphBuilder('schema');
  const given = Object.entries(inputs).map(([name, input]) => {
    const order = orderOf(input.layout, input.shape.length);
    const value = g.input(name, input.dtype, physicalShape(input.shape, order));
    return [name, { ...input, value }] as const;
  });
  const results = traceInto(g, {
    fn,
    inputs: Object.fromEntries(given),
    passes: undefined,
    target: undefined,
    recompute,
  });
  for (const [name, { value, dtype, shape }] of Object.entries(results)) {
    g.output(`out:${name}`, value(), dtype, shape);
  }
  return g;
}

/** SGDepth's training step: both networks, the joint loss, every gradient, and activations that are made twice. */
function sgdepthStep(): GraphBuilder {
  const parameters = startingParameters(TINY);
  const names = [...parameters.keys()];
  const trainable = names.filter((name) => parameters.get(name)?.spec.trainable);
  const batch = simulatedBatch();
  const inputs: Inputs = Object.fromEntries([
    ...[...parameters].map(
      ([
        name,
        {
          spec: { shape },
        },
      ]) => [`p:${name}`, { shape, dtype: 'float32', layout: shape.length === 4 ? 'OIHW' : 'logical' }],
    ),
    ...Object.entries(batch).map(([name, { shape, dtype, layout }]) => [
      `b:${name}`,
      { shape, dtype, layout },
    ]),
  ]);
  const loss = (p: Record<string, tf.Tensor>, b: Record<string, tf.Tensor>) => lossOf(p, b, TINY);
  return graphOf(
    (tensors) => lossAndGradients(tensors, { names, trainable, batchNames: Object.keys(batch), loss }),
    inputs,
    'all',
  );
}

const graphs = new Map<string, GraphBuilder>();

/** By title, made once. */
function everyGraph(): ReadonlyMap<string, GraphBuilder> {
  if (graphs.size > 0) return graphs;
  for (const { title, samples, fn, gradients } of PARITY_CASES) {
    graphs.set(title, graphOf(gradients ? withGradients(fn) : (inputs) => ({ y: fn(inputs) }), samples));
  }
  graphs.set('SGDepth step', sgdepthStep());
  return graphs;
}

test.before(useEagerBackend);

test.serial(
  'the ONNX checker finds nothing wrong with the graphs of every op and of a training step',
  async (t) => {
    const python = process.env.RXDEPTH_PYTHON ?? 'python3';
    const run = promisify(execFile);
    try {
      await run(python, ['-c', 'import onnx']);
    } catch {
      t.log('skipped: RXDEPTH_PYTHON names no Python that has the package onnx');
      t.pass();
      return;
    }
    const folder = await mkdtemp(join(tmpdir(), 'onnx-schema-'));
    const titles = new Map<string, string>();
    for (const [title, graph] of everyGraph()) {
      const file = join(folder, `${titles.size}.onnx`);
      titles.set(file, title);
      await writeFile(file, graph.toModel());
    }
    const checking = run(python, ['-c', CHECK], { maxBuffer: 2 ** 26 });
    checking.child.stdin?.end(JSON.stringify([...titles.keys()]));
    const found: Record<string, string> = JSON.parse((await checking).stdout);
    await rm(folder, { recursive: true });
    const named = Object.entries(found).map(([file, what]) => `${titles.get(file)}: ${what}`);
    t.deepEqual(named, []);
    t.true(titles.size > PARITY_CASES.length);
  },
);

test.serial('graphs are standard ONNX but for matrix products that transpose their operands', (t) => {
  const others = new Set<string>();
  for (const graph of everyGraph().values()) {
    for (const { domain, opType } of graph.contents().nodes)
      if (domain !== '') others.add(`${domain}.${opType}`);
  }
  t.deepEqual([...others], ['com.microsoft.FusedMatMul']);
});
