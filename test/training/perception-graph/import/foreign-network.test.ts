import test from 'ava';
import { InferenceSession, Tensor } from '../../../../models/onnxruntime.js';
import { TrainingError } from '../../../../training/errors.js';
import { GraphBuilder } from '../../../../training/onnx/graph-builder.js';
import type { Graph } from '../../../../training/onnx/model-proto.js';
import { ProtobufWriter } from '../../../../training/onnx/protobuf-writer.js';
import { readModel } from '../../../../training/onnx/read-model.js';
import { ForeignNetwork } from '../../../../training/perception-graph/import/foreign-network.js';
import { bothWays, carriedOver, float, graphAttribute, int, modelBytes, node } from './carry-over.js';

const input = new Tensor('float32', Float32Array.of(1, -2, 3, 4), [4]);
const values = (tensor: Tensor) => [...(tensor.data as Float32Array)];
const constant = (name: string, source: Float32Array | BigInt64Array | Uint8Array, shape: number[] = []) =>
  ({
    name,
    dtype: source instanceof Float32Array ? 'float32' : source instanceof Uint8Array ? 'bool' : 'int64',
    shape,
    source,
  }) as const;

test('an If keeps its branches, which read values around them and have constants of their own', async (t) => {
  const branch = (name: string, opType: string): Graph => ({
    name,
    nodes: [node(opType, ['doubled', 'three'], [`${name}_y`])],
    initializers: [constant('three', Float32Array.of(name === 'yes' ? 3 : 5))],
    inputs: [],
    outputs: [{ name: `${name}_y` }],
  });
  const nodes = [
    node('Add', ['x', 'x'], ['doubled']),
    node('ReduceSum', ['x'], ['sum'], { keepdims: int(0) }),
    node('Greater', ['sum', 'zero'], ['positive']),
    node('If', ['positive'], ['y'], {
      then_branch: graphAttribute(branch('yes', 'Mul')),
      else_branch: graphAttribute(branch('no', 'Sub')),
    }),
  ];
  const bytes = modelBytes(11, nodes, { shape: [4], initializers: [constant('zero', Float32Array.of(0))] });
  const yes = await bothWays(bytes, { x: input });
  t.deepEqual(values(yes.carried), [6, -12, 18, 24]);
  t.deepEqual(values(yes.carried), values(yes.direct));
  const no = await bothWays(bytes, { x: new Tensor('float32', Float32Array.of(-9, 1, 1, 1), [4]) });
  t.deepEqual(values(no.carried), [-23, -3, -3, -3]);
});

test('a Loop keeps its body with its inputs', async (t) => {
  const body: Graph = {
    name: 'body',
    nodes: [node('Add', ['state', 'x'], ['next']), node('Identity', ['going'], ['on'])],
    initializers: [],
    inputs: [
      { name: 'i', type: { dtype: 'int64', shape: [] } },
      { name: 'going', type: { dtype: 'bool', shape: [] } },
      { name: 'state', type: { dtype: 'float32', shape: [4] } },
    ],
    outputs: [{ name: 'on' }, { name: 'next' }],
  };
  const bytes = modelBytes(13, [node('Loop', ['count', '', 'x'], ['y'], { body: graphAttribute(body) })], {
    shape: [4],
    initializers: [constant('count', BigInt64Array.of(3n))],
  });
  const { direct, carried } = await bothWays(bytes, { x: input });
  t.deepEqual(values(carried), [4, -8, 12, 16]);
  t.deepEqual(values(carried), values(direct));
});

/** y = alpha * LeakyRelu(a) + b with alpha of the caller or 2; calls itself never, but the other function. */
function withFunctions(model: Uint8Array): Uint8Array {
  const writer = new ProtobufWriter();
  const opset = (inner: ProtobufWriter, domain: string, version: number) =>
    inner.message(9, (entry) => {
      entry.string(1, domain);
      entry.integer(2, version);
    });
  const call = (
    outer: ProtobufWriter,
    [domain, opType]: readonly [domain: string, opType: string],
    inputs: string[],
    output: string,
    attributes: (writer: ProtobufWriter) => void = () => {},
  ) =>
    outer.message(7, (inner) => {
      for (const name of inputs) inner.string(1, name);
      inner.string(2, output);
      inner.string(4, opType);
      if (domain !== '') inner.string(7, domain);
      attributes(inner);
    });
  writer.message(25, (fn) => {
    fn.string(1, 'Blend');
    for (const name of ['a', 'b']) fn.string(4, name);
    fn.string(5, 'out');
    call(fn, ['mine', 'Scaled'], ['a'], 'scaled', (inner) =>
      inner.message(5, (attribute) => {
        attribute.string(1, 'by');
        attribute.string(21, 'alpha');
        attribute.integer(20, 1);
      }),
    );
    call(fn, ['', 'Add'], ['scaled', 'b'], 'out');
    opset(fn, '', 14);
    opset(fn, 'mine', 1);
    fn.string(10, 'mine');
    fn.message(11, (attribute) => {
      attribute.string(1, 'alpha');
      attribute.float(2, 2);
      attribute.integer(20, 1);
    });
  });
  writer.message(25, (fn) => {
    fn.string(1, 'Scaled');
    fn.string(4, 'a');
    fn.string(5, 'out');
    fn.string(6, 'by');
    call(fn, ['', 'LeakyRelu'], ['a'], 'leaky', (inner) =>
      inner.message(5, (attribute) => {
        attribute.string(1, 'alpha');
        attribute.float(2, 0.5);
        attribute.integer(20, 1);
      }),
    );
    call(fn, ['', 'Constant'], [], 'factor', (inner) =>
      inner.message(5, (attribute) => {
        attribute.string(1, 'value_float');
        attribute.string(21, 'by');
        attribute.integer(20, 1);
      }),
    );
    call(fn, ['', 'Mul'], ['leaky', 'factor'], 'out');
    opset(fn, '', 14);
    fn.string(10, 'mine');
  });
  const functions = writer.finish();
  const whole = new Uint8Array(model.length + functions.length);
  whole.set(model);
  whole.set(functions, model.length);
  return whole;
}

test("calls of the model's own functions are written out, with arguments, defaults and calls among them", async (t) => {
  const nodes = [
    node('Blend', ['x', 'x'], ['a'], {}, 'mine'),
    node('Blend', ['a', 'x'], ['y'], { alpha: float(10) }, 'mine'),
  ];
  const bytes = withFunctions(modelBytes(14, nodes, { shape: [4], opsets: { mine: 1 } }));
  const { direct, carried } = await bothWays(bytes, { x: input });
  // Blend(x, x) = 2 leaky(x) + x: 3, -4, 9, 12; then 10 leaky of that + x.
  t.deepEqual(values(carried), [31, -22, 93, 124]);
  t.deepEqual(values(carried), values(direct));
  const model = readModel(bytes, 'model');
  t.is(model.functions.length, 2);
  const kept = readModel(carriedOver(model, 18), 'carried');
  t.true(kept.graph.nodes.every(({ domain }) => domain === ''));
});

test('a quantised network keeps its 8-bit weights', async (t) => {
  const nodes = [
    node('QuantizeLinear', ['x', 'scale', 'zero'], ['q']),
    node('MatMulInteger', ['q', 'weights', 'zero'], ['product']),
    node('Cast', ['product'], ['y'], { to: int(1) }),
  ];
  const bytes = modelBytes(13, nodes, {
    shape: [1, 4],
    initializers: [
      { name: 'weights', dtype: 'int8', shape: [4, 2], source: Int8Array.of(1, -1, 2, -2, 3, -3, 4, -128) },
      { name: 'zero', dtype: 'uint8', shape: [], source: Uint8Array.of(10) },
      constant('scale', Float32Array.of(0.5)),
    ],
  });
  const { direct, carried } = await bothWays(bytes, { x: new Tensor('float32', input.data, [1, 4]) });
  // x / 0.5 = 2, -4, 6, 8
  t.deepEqual(values(carried), [2 - 8 + 18 + 32, -2 + 8 - 18 - 1024]);
  t.deepEqual(values(carried), values(direct));
});

test('only what an output needs is carried over, and a later output is added in a branch', async (t) => {
  const nodes = [
    node('Add', ['x', 'one'], ['shared']),
    node('Mul', ['shared', 'shared'], ['square']),
    node('Neg', ['shared'], ['negative']),
    node('NoSuchOperator', ['x'], ['useless']),
  ];
  const bytes = modelBytes(13, nodes, {
    shape: [4],
    initializers: [constant('one', Float32Array.of(1)), constant('unused', new Float32Array(1000), [1000])],
    outputs: [{ name: 'square' }, { name: 'negative' }],
  });
  const g = new GraphBuilder('outer');
  const used: string[] = [];
  const network = new ForeignNetwork(readModel(bytes, 'model'), {
    label: 'foreign',
    opset: 18,
    constant: (graph, { name, dtype, shape, source }) => {
      used.push(name);
      return graph.constant(source as Float32Array, dtype, shape);
    },
  });
  network.feed('x', g.input('in', 'float32', [4]));
  const [square = ''] = network.outputs(g, ['square']);
  g.output('square', square, 'float32', [4]);
  const want = g.input('want', 'bool', []);
  const [negative = ''] = g.if(
    want,
    (b) => network.outputs(b, ['negative']),
    (b) => [b.constant([], 'float32', [0])],
    1,
  );
  g.output('negative', negative, 'float32', ['n']);
  const model = g.toModel();
  t.deepEqual(used, ['one']);
  t.deepEqual(
    readModel(model, 'outer').graph.nodes.map(({ opType }) => opType),
    ['Add', 'Mul', 'If'],
  );
  const session = await InferenceSession.create(model, { logSeverityLevel: 4 });
  const run = async (wanted: boolean) =>
    await session.run({ in: input, want: new Tensor('bool', [wanted], []) });
  t.deepEqual(values((await run(true)).negative), [-2, 1, -4, -5]);
  t.deepEqual((await run(false)).negative?.dims, [0]);
  t.deepEqual(values((await run(false)).square), [4, 1, 16, 25]);
});

test('operators of other domains keep their version; two versions in one graph are refused', (t) => {
  const bytes = (version: number) =>
    modelBytes(18, [node('Gelu', ['x'], ['y'], {}, 'com.microsoft')], {
      shape: [4],
      opsets: { 'com.microsoft': version },
    });
  t.is(readModel(carriedOver(readModel(bytes(1), 'm'), 18), 'c').opsets.get('com.microsoft'), 1);
  const g = new GraphBuilder('outer');
  const x = g.input('in', 'float32', [4]);
  const add = (version: number) => {
    const network = new ForeignNetwork(readModel(bytes(version), 'm'), {
      label: 'foreign',
      opset: 18,
      constant: () => '',
    });
    network.feed('x', x);
    return network.outputs(g, ['y']);
  };
  add(1);
  t.throws(() => add(2), {
    instanceOf: TrainingError,
    message: /operator set `com\.microsoft`: one graph cannot have both versions 1 and 2/,
  });
});

test('names that nothing makes, unnamed operator sets and nodes out of order are refused by name', (t) => {
  const refused = (nodes: ReturnType<typeof node>[], message: RegExp) =>
    t.throws(() => carriedOver(readModel(modelBytes(18, nodes), 'model'), 18), {
      instanceOf: TrainingError,
      message,
    });
  refused(
    [node('Add', ['x', 'ghost'], ['y'])],
    /node `n_y` \(Add\): among its inputs is `ghost`, which nothing before it makes/,
  );
  refused([node('Relu', ['b'], ['y']), node('Relu', ['x'], ['b'])], /`b`, which nothing before it makes/);
  refused(
    [node('Own', ['x'], ['y'], {}, 'elsewhere')],
    /which version of the operator set `elsewhere` it uses/,
  );
  refused([node('Relu', ['x'], ['z'])], /among the outputs is `y`/);
});
