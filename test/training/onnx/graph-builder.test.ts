import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { InferenceSession, Tensor } from '../../../models/onnxruntime.js';
import { TrainingError } from '../../../training/errors.js';
import { GraphBuilder } from '../../../training/onnx/graph-builder.js';
import type { Graph, Node } from '../../../training/onnx/model-proto.js';
import { placeInitializers } from '../../../training/onnx/place-initializers.js';

async function run(
  graph: GraphBuilder,
  feeds: Record<string, Tensor>,
): Promise<Record<string, { dims: readonly number[]; data: unknown }>> {
  const session = await InferenceSession.create(graph.toModel());
  return await session.run(feeds);
}

const float = (values: number[], dims = [values.length]): Tensor =>
  new Tensor('float32', Float32Array.from(values), dims);

test('a graph with constants, attributes of every kind and a dynamic dimension runs in onnxruntime', async (t) => {
  const g = new GraphBuilder('demo');
  const x = g.input('x', 'float32', ['n', 2]);
  const scaled = g.op('Gemm', [x, g.constant([1, 0, 0, 1], 'float32', [2, 2])], {
    alpha: { float: 0.5 },
    transB: 1,
  });
  const reduced = g.op('ReduceSum', [scaled, g.constant([1], 'int64', [1])], { keepdims: 0 });
  const padded = g.op('Pad', [reduced, g.constant([1n, 0n], 'int64', [2])], { mode: 'constant' });
  const tensor = { dtype: 'float32', shape: [1], data: Float32Array.of(7) } as const;
  const constant = g.op('Constant', [], { value: { tensor } });
  g.output('y', g.op('Add', [padded, constant]), 'float32', ['m']);
  const { y } = await run(g, { x: float([2, 4, 6, 8], [2, 2]) });
  t.deepEqual(y?.data, Float32Array.of(7, 10, 14));
});

test('an If computes only the branch taken and its branches see outer values', async (t) => {
  const g = new GraphBuilder('branching');
  const wanted = g.input('wanted', 'bool', []);
  const x = g.input('x', 'float32', ['n']);
  const one = g.constant([1], 'float32', []);
  const [value = ''] = g.if(
    wanted,
    (then) => [then.op('Add', [x, one])],
    (otherwise) => [otherwise.constant([], 'float32', [0])],
    1,
  );
  g.output('x_again', x, 'float32', ['n']);
  g.output('result', value, 'float32', ['m']);
  const yes = await run(g, { x: float([1, 2]), wanted: new Tensor('bool', [true], []) });
  t.deepEqual(yes.result?.data, Float32Array.of(2, 3));
  t.deepEqual(yes.x_again?.data, Float32Array.of(1, 2));
  const no = await run(g, { x: float([1, 2]), wanted: new Tensor('bool', [false], []) });
  t.deepEqual(no.result?.dims, [0]);
});

test('external constants are read from the file beside the model', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'graph-builder-'));
  const g = new GraphBuilder('external');
  const x = g.input('x', 'float32', [2]);
  const weights = g.externalConstant('w', 'float32', [2], { location: 'weights.bin', offset: 4, length: 8 });
  g.output('y', g.op('Mul', [x, weights]), 'float32', [2]);
  await writeFile(join(folder, 'weights.bin'), new Uint8Array(Float32Array.of(9, 3, 5).buffer));
  await writeFile(join(folder, 'model.onnx'), g.toModel({ metadata: { 'rxdepth.contract': '1' } }));
  const session = await InferenceSession.create(join(folder, 'model.onnx'));
  const { y } = await session.run({ x: float([10, 100]) });
  t.deepEqual(y?.data, Float32Array.of(30, 500));
});

test('equal nodes and small equal constants are stored once, unused ones not at all', async (t) => {
  const g = new GraphBuilder('sharing');
  const x = g.input('x', 'float32', [2]);
  const a = g.op('Exp', [x]);
  t.is(g.op('Exp', [x]), a);
  t.not(g.op('Elu', [x], { alpha: { float: 1 } }), g.op('Elu', [x], { alpha: { float: 2 } }));
  t.is(g.constant([1, 2], 'float32', [2]), g.constant([1, 2], 'float32', [2]));
  t.not(g.constant([1, 2], 'float32', [2]), g.constant([1, 2], 'float32', [1, 2]));
  g.op('NoSuchOp', [a]);
  g.output('y', a, 'float32', [2]);
  g.output('again', a, 'float32', [2]);
  const { y, again } = await run(g, { x: float([0, 0]) });
  t.deepEqual(y?.data, Float32Array.of(1, 1));
  t.deepEqual(again?.data, Float32Array.of(1, 1));
});

test('integers of every size survive, negative ones included', async (t) => {
  const g = new GraphBuilder('integers');
  const values = [0n, 1n, -1n, 127n, 128n, 300n, -(2n ** 40n), 2n ** 62n];
  const constant = g.constant(values, 'int64', [values.length]);
  const viaAttribute = g.op('Constant', [], { value_ints: values });
  g.output('a', g.op('Add', [constant, viaAttribute]), 'int64', [values.length]);
  const { a } = await run(g, {});
  t.deepEqual(
    a?.data,
    BigInt64Array.from(values, (value) => BigInt.asIntN(64, value * 2n)),
  );
});

test('mistakes in building are named', (t) => {
  const g = new GraphBuilder('mistakes');
  g.input('x', 'float32', [1]);
  t.throws(() => g.input('x', 'float32', [1]), { instanceOf: TrainingError, message: /`x`/ });
  t.throws(() => g.op('Relu', ['nowhere']), { instanceOf: TrainingError, message: /Relu.*`nowhere`/ });
  t.throws(() => g.op('Elu', ['x'], { alpha: 0.5 }), { message: /Elu\.alpha.*float/ });
  t.throws(() => g.constant([1, 2], 'float32', [3]), { message: /`3` values, got 2/ });
  t.throws(() => g.toModel({ opset: 11 }), { message: /18 to 23/ });
});

test('a constant that only a branch uses belongs to the branch, a shared one to the graph around it', (t) => {
  const initializer = (name: string) => ({
    name,
    dtype: 'float32' as const,
    shape: [1],
    source: new Float32Array(1),
  });
  const node = (inputs: string[], attributes: Node['attributes'] = []): Node => ({
    name: inputs.join(),
    opType: 'Add',
    domain: '',
    inputs,
    outputs: [`of:${inputs.join()}`],
    attributes,
  });
  const graph = (name: string, nodes: Node[]): Graph => ({
    name,
    nodes,
    initializers: [],
    inputs: [],
    outputs: [],
  });
  const inner = graph('inner', [node(['deep', 'shared'])]);
  const left = graph('left', [
    node(['left', 'shared']),
    node(['c'], [['then_branch', { kind: 'graph', value: inner }]]),
  ]);
  const right = graph('right', [node(['right', 'both'])]);
  const root = graph('root', [
    node(['both', 'root']),
    node(
      ['c'],
      [
        ['then_branch', { kind: 'graph', value: left }],
        ['else_branch', { kind: 'graph', value: right }],
      ],
    ),
  ]);
  const placed = placeInitializers(
    root,
    ['deep', 'shared', 'left', 'right', 'both', 'root'].map(initializer),
  );
  const names = (g: Graph | undefined) => g?.initializers.map(({ name }) => name);
  const branches = (g: Graph | undefined) =>
    (g?.nodes ?? []).flatMap(({ attributes }) =>
      attributes.flatMap(([, a]) => (a.kind === 'graph' ? [a.value] : [])),
    );
  const [placedLeft, placedRight] = branches(placed);
  t.deepEqual(names(placed), ['both', 'root']);
  t.deepEqual(names(placedLeft), ['shared', 'left']);
  t.deepEqual(names(placedRight), ['right']);
  t.deepEqual(names(branches(placedLeft)[0]), ['deep']);
});
