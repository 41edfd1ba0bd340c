import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { TrainingError } from '../../../../training/errors.js';
import { compile } from '../../../../training/tracer/compile.js';
import { liveNodes } from '../../../../training/tracer/lower/lower-trace.js';
import { record, type TracedFunction } from '../../../../training/tracer/trace/record.js';
import type { TensorType } from '../../../../training/tracer/trace/trace.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const vector: Record<string, TensorType> = { x: { shape: [4], dtype: 'float32' } };
const trace = (fn: TracedFunction) => record(fn, vector);
const kernels = (fn: TracedFunction): string[] => trace(fn).nodes.map(({ kernelName }) => kernelName);

test.serial('a trace lists kernels with the types of their outputs', (t) => {
  const { nodes, outputs } = trace(({ x }) => ({ y: tf.matMul(x.reshape([2, 2]), x.reshape([2, 2])) }));
  t.deepEqual(
    nodes.map(({ kernelName, outputs: [{ shape, dtype }] }) => [kernelName, shape, dtype]),
    [
      ['Reshape', [2, 2], 'float32'],
      ['Reshape', [2, 2], 'float32'],
      ['BatchMatMul', [2, 2], 'float32'],
    ],
  );
  t.deepEqual(outputs.y.shape, [2, 2]);
});

test.serial('what is constant is computed while tracing; neutral operations disappear', (t) => {
  t.deepEqual(
    kernels(({ x }) => ({
      y: x
        .mul(tf.ones([4]))
        .add(tf.zeros([4]))
        .sub(0)
        .div(1)
        .cast('float32')
        .reshape([4]),
    })),
    [],
  );
  t.deepEqual(
    kernels(({ x }) => ({ y: x.mul(tf.tensor1d([1, 2, 3, 4]).square().sum().sqrt()) })),
    ['Multiply'],
  );
  const { outputs } = trace(({ x }) => ({ y: x.mul(0).add(3) }));
  t.deepEqual(outputs.y.origin, { kind: 'constant', constant: { kind: 'uniform', value: 3 } });
});

test.serial('nodes that no output needs are not live', (t) => {
  const recorded = trace(({ x }) => {
    tf.exp(x);
    return { y: tf.log(x) };
  });
  t.is(recorded.nodes.length, 2);
  t.deepEqual(
    liveNodes(recorded).map(({ kernelName }) => kernelName),
    ['Log'],
  );
});

test.serial('a kernel without a rule is named together with the op that ran it', (t) => {
  t.throws(() => trace(({ x }) => ({ y: tf.topk(x, 2).values })), {
    instanceOf: TrainingError,
    message: /kernel `TopK`, run by the op `topk`/,
  });
});

test.serial('reading data says what to do instead', (t) => {
  const error = t.throws(() => trace(({ x }) => ({ y: x.dataSync()[0] > 0 ? x : x.neg() })), {
    instanceOf: TrainingError,
  });
  t.regex(error?.message ?? '', /tf\.where/);
});

test.serial('asynchronous functions, nested traces and unsupported dtypes are refused', (t) => {
  const asynchronous = (async ({ x }: Record<string, tf.Tensor>) => ({ y: x })) as unknown as TracedFunction;
  t.throws(() => trace(asynchronous), { message: /asynchronous/ });
  t.throws(() => trace(({ x }) => ({ y: trace(() => ({})) && x })), { message: /nest/ });
  t.throws(() => trace(({ x }) => ({ y: tf.complex(x, x) })), { message: /Complex/ });
});

test.serial('a variable that the function captures is named, because it would be frozen', (t) => {
  const variable = tf.variable(tf.tensor1d([1, 2, 3, 4]), true, 'captured');
  t.throws(() => trace(({ x }) => ({ y: x.add(variable) })), { message: /`captured`.*input/ });
  variable.dispose();
});

test.serial('captured tensors stay usable and the backend is the one before, also after an error', (t) => {
  const captured = tf.tensor1d([1, 2, 3, 4]);
  const before = tf.memory().numTensors;
  trace(({ x }) => ({ y: x.add(captured), z: captured.square() }));
  t.throws(() =>
    trace(({ x }) => {
      x.exp();
      throw new Error('stop');
    }),
  );
  t.is(tf.getBackend(), 'cpu');
  t.is(tf.memory().numTensors, before);
  t.deepEqual(Array.from(captured.square().dataSync()), [1, 4, 9, 16]);
});

test.serial('gradients are traced, masks and factors are inputs', async (t) => {
  const fn = (inputs: Record<string, tf.Tensor>) => ({
    g: tf.grad((x: tf.Tensor) => x.square().mul(inputs.mask).mul(inputs.rate).sum())(inputs.x),
  });
  const compiled = await compile(fn, {
    ...vector,
    mask: { shape: [4], dtype: 'float32' },
    rate: { shape: [], dtype: 'float32' },
  });
  const feeds = {
    x: Float32Array.of(1, 2, 3, 4),
    mask: Float32Array.of(1, 0, 1, 0),
    rate: Float32Array.of(0.5),
  };
  t.deepEqual(Array.from((await compiled.run(feeds)).g.data), [1, 0, 3, 0]);
  feeds.rate[0] = 5;
  t.deepEqual(Array.from((await compiled.run(feeds)).g.data), [10, 0, 30, 0]);
  await compiled.close();
});

test.serial('results may be fed to the next run', async (t) => {
  const compiled = await compile(({ x }) => ({ x: x.mul(2) }), vector);
  let { x } = await compiled.run({ x: Float32Array.of(1, 2, 3, 4) });
  for (let i = 0; i < 9; i++) x = (await compiled.run({ x: x.data })).x;
  t.deepEqual(Array.from(x.data), [1024, 2048, 3072, 4096]);
  await compiled.close();
});

test.serial('a missing or wrong feed is named', async (t) => {
  const compiled = await compile(({ x }) => ({ y: x.exp() }), vector);
  await t.throwsAsync(compiled.run({}), { message: /`x`.*`4` elements.*got nothing/ });
  await t.throwsAsync(compiled.run({ x: new Float32Array(3) }), { message: /`4` elements.*got 3/ });
  await t.throwsAsync(compiled.run({ x: new Int32Array(4) }), { message: /`Float32Array`.*Int32Array/ });
  await compiled.close();
});

test.serial('all types of input and output, scalars and outputs that are inputs or constants', async (t) => {
  const compiled = await compile(
    ({ i, b, s }) => ({ i: i.add(1), b: b.logicalNot(), s, c: tf.tensor1d([1, 2], 'int32'), twice: s }),
    {
      i: { shape: [2], dtype: 'int32' },
      b: { shape: [2], dtype: 'bool' },
      s: { shape: [], dtype: 'float32' },
    },
  );
  const result = await compiled.run({
    i: Int32Array.of(1, -5),
    b: Uint8Array.of(1, 0),
    s: Float32Array.of(7),
  });
  await compiled.close();
  t.deepEqual(
    Object.fromEntries(Object.entries(result).map(([name, { data }]) => [name, Array.from(data)])),
    { i: [2, -4], b: [0, 1], s: [7], c: [1, 2], twice: [7] },
  );
});
