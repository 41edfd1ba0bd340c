import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { TrainingError } from '../../../training/errors.js';
import { compile } from '../../../training/tracer/compile.js';
import { record, type TracedFunction } from '../../../training/tracer/trace/record.js';
import type { TensorType, TraceDtype } from '../../../training/tracer/trace/trace.js';
import { bools, floats, integers, relativeError, runCompiled, runEager, type Sample } from './parity.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const type = (dtype: TraceDtype, ...shape: number[]): TensorType => ({ shape, dtype });
const as = <T extends tf.Tensor>(x: tf.Tensor): T => x as T;

test.serial('a kernel that no backend has is named together with its op, as one without a rule is', (t) => {
  const x = { x: type('float32', 2, 3) };
  t.throws(() => record((i) => ({ y: tf.topk(i.x).values }), x), {
    instanceOf: TrainingError,
    message: /^the kernel `TopK`, run by the op `topk`, cannot be traced/,
  });
  t.throws(() => record((i) => ({ y: tf.engine().runKernel('Invented', { x: i.x }) }), x), {
    instanceOf: TrainingError,
    message: /^the kernel `Invented` cannot be traced/,
  });
  const cube = { x: type('float32', 1, 4, 4, 4, 1) };
  t.throws(
    () =>
      record((i) => ({ y: tf.grad((v) => tf.maxPool3d(as<tf.Tensor5D>(v), 2, 2, 'same').sum())(i.x) }), cube),
    {
      message: /^the kernel `MaxPool3D`, run by the op `maxPool3d`/,
    },
  );
});

/** Calls whose shapes do not fit, and the op that has to be in the message. */
const misfits: Readonly<Record<string, [TracedFunction, Record<string, TensorType>]>> = {
  add: [({ a, b }) => ({ y: a.add(b) }), { a: type('float32', 2), b: type('float32', 3) }],
  mul: [({ a, b }) => ({ y: a.mul(b) }), { a: type('float32', 4, 2), b: type('float32', 3, 2) }],
  maximum: [({ a, b }) => ({ y: tf.maximum(a, b) }), { a: type('float32', 2), b: type('float32', 3) }],
  where: [
    ({ c, a, b }) => ({ y: tf.where(c, a, b) }),
    { c: type('bool', 2), a: type('float32', 3), b: type('float32', 3) },
  ],
  matMul: [({ a, b }) => ({ y: tf.matMul(a, b) }), { a: type('float32', 2, 3), b: type('float32', 2, 3) }],
  conv2d: [
    ({ a, b }) => ({ y: tf.conv2d(as(a), as(b), 1, 'same') }),
    { a: type('float32', 1, 4, 4, 3), b: type('float32', 3, 3, 2, 4) },
  ],
  concat: [
    ({ a, b }) => ({ y: tf.concat([a, b], 1) }),
    { a: type('float32', 2, 3), b: type('float32', 4, 3) },
  ],
  stack: [({ a, b }) => ({ y: tf.stack([a, b]) }), { a: type('float32', 2), b: type('float32', 3) }],
  reshape: [({ a }) => ({ y: a.reshape([5]) }), { a: type('float32', 2, 3) }],
  slice: [({ a }) => ({ y: a.slice([1], [3]) }), { a: type('float32', 3) }],
  transpose: [({ a }) => ({ y: a.transpose([0]) }), { a: type('float32', 2, 3) }],
  squeeze: [({ a }) => ({ y: a.squeeze([0]) }), { a: type('float32', 2, 3) }],
  sum: [({ a }) => ({ y: a.sum(2) }), { a: type('float32', 2, 3) }],
  mean: [({ a }) => ({ y: a.mean(2) }), { a: type('float32', 2, 3) }],
  argMax: [({ a }) => ({ y: a.argMax(2) }), { a: type('float32', 2, 3) }],
  batchNorm: [
    ({ a, b }) => ({ y: tf.batchNorm(as(a), as(b), as(b)) }),
    { a: type('float32', 1, 2, 2, 3), b: type('float32', 2, 2) },
  ],
  split: [({ a }) => ({ y: tf.split(a, 2, 1)[0] }), { a: type('float32', 2, 3) }],
  gatherND: [({ a, b }) => ({ y: tf.gatherND(a, b) }), { a: type('float32', 2), b: type('int32', 1, 2) }],
  unsortedSegmentSum: [
    ({ a, b }) => ({ y: tf.unsortedSegmentSum(a, as(b), 4) }),
    { a: type('float32', 3), b: type('int32', 2) },
  ],
  depthToSpace: [({ a }) => ({ y: tf.depthToSpace(as(a), 2) }), { a: type('float32', 1, 2, 2, 3) }],
};

for (const [op, [fn, inputs]] of Object.entries(misfits)) {
  test.serial(`shapes that do not fit \`${op}\` are refused by its name`, (t) => {
    const error = t.throws(() => record(fn, inputs));
    t.regex(error?.message ?? '', new RegExp(op, 'i'));
    t.is(tf.getBackend(), 'cpu');
  });
}

test.serial("the traced function's own errors stay as they are", (t) => {
  const mine = new RangeError('mine');
  const thrown = t.throws(() =>
    record(
      ({ x }) => {
        tf.tidy(() => tf.exp(x));
        throw mine;
      },
      { x: type('float32', 2) },
    ),
  );
  t.is(thrown, mine);
});

test.serial('element types that an op has no meaning for are refused by its name', (t) => {
  const refused: readonly [TracedFunction, TraceDtype, RegExp][] = [
    [({ x }) => ({ y: tf.exp(x) }), 'int32', /^exp: expected `float32` for `x`.*`Exp`, got int32: cast it/],
    [({ x }) => ({ y: tf.isNaN(x) }), 'int32', /^isNaN: expected `float32`/],
    [({ x }) => ({ y: tf.leakyRelu(x) }), 'int32', /^leakyRelu: expected `float32`/],
    [({ x }) => ({ y: x.add(x) }), 'bool', /^add: expected `float32` or `int32` for `a`.*got bool/],
    [({ x }) => ({ y: x.square() }), 'bool', /^square: expected/],
    [({ x }) => ({ y: x.max() }), 'bool', /^max: expected/],
    [({ x }) => ({ y: tf.argMax(x) }), 'bool', /^argMax: expected/],
    [({ x }) => ({ y: tf.sigmoid(x) }), 'int32', /sigmoid/],
    [({ x }) => ({ y: tf.logicalNot(x) }), 'float32', /logicalNot/],
  ];
  for (const [fn, dtype, message] of refused) t.throws(() => record(fn, { x: type(dtype, 4) }), { message });
});

/** Everything TensorFlow.js takes for one tensor or two of any element type. */
const unary = {
  ...{ abs: tf.abs, acos: tf.acos, asinh: tf.asinh, atan: tf.atan, ceil: tf.ceil, cos: tf.cos },
  ...{ elu: tf.elu, erf: tf.erf, exp: tf.exp, expm1: tf.expm1, floor: tf.floor, isFinite: tf.isFinite },
  ...{ log1p: tf.log1p, neg: tf.neg, reciprocal: tf.reciprocal, relu: tf.relu, relu6: tf.relu6 },
  ...{ round: tf.round, selu: tf.selu, sign: tf.sign, sinh: tf.sinh, softplus: tf.softplus },
  ...{ square: tf.square, sqrt: tf.sqrt, tanh: tf.tanh, leakyRelu: tf.leakyRelu, step: tf.step },
  ...{ logicalNot: tf.logicalNot, softmax: tf.softmax, logSoftmax: tf.logSoftmax, cumsum: tf.cumsum },
  ...{ max: tf.max, min: tf.min, sum: tf.sum, mean: tf.mean, prod: tf.prod, argMax: tf.argMax, all: tf.all },
} as Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>>; // without their optional arguments
const binary: Readonly<Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  ...{ add: tf.add, sub: tf.sub, mul: tf.mul, div: tf.div, floorDiv: tf.floorDiv, mod: tf.mod, pow: tf.pow },
  ...{ maximum: tf.maximum, minimum: tf.minimum, squaredDifference: tf.squaredDifference },
  ...{ greater: tf.greater, lessEqual: tf.lessEqual, equal: tf.equal, notEqual: tf.notEqual },
  ...{ logicalAnd: tf.logicalAnd, prelu: tf.prelu, matMul: tf.matMul },
};
const samplesOf: Readonly<Record<TraceDtype, Sample>> = {
  float32: floats([3, 3], (value) => Math.abs(value) + 0.2),
  int32: integers([3, 3], 1, 4),
  bool: bools([3, 3]),
};

test.serial(
  'an op either gives the type and the values that eager TensorFlow.js gives, or is refused by name',
  async (t) => {
    const dtypes: readonly TraceDtype[] = ['float32', 'int32', 'bool'];
    const calls: { op: string; fn: TracedFunction; samples: Record<string, Sample> }[] = [];
    for (const a of dtypes) {
      for (const [op, apply] of Object.entries(unary))
        calls.push({ op, fn: ({ x }) => ({ y: apply(x) }), samples: { x: samplesOf[a] } });
      for (const b of dtypes) {
        for (const [op, apply] of Object.entries(binary)) {
          if (b === 'bool' && /div|mod/i.test(op)) continue; // whole numbers by 0: undefined in ONNX
          const samples = { x: samplesOf[a], z: samplesOf[b] };
          calls.push({ op, fn: ({ x, z }) => ({ y: apply(x, z) }), samples });
        }
      }
    }
    // Accepted ones share graphs: a session for each call would take long.
    const accepted = new Map<string, (typeof calls)[number]>();
    for (const [i, call] of calls.entries()) {
      const described = `${call.op}(${Object.values(call.samples).map(({ dtype }) => dtype)})`;
      try {
        record(call.fn, call.samples);
        accepted.set(`${described} ${i}`, call);
      } catch (error) {
        const known = call.op === 'logSoftmax' || call.op === 'softmax' ? 'softmax|sum|exp|log' : call.op;
        t.regex(String(error), new RegExp(known, 'i'), described);
      }
    }
    t.true(accepted.size > 60, `${accepted.size}`);
    const inputs = { float32: samplesOf.float32, int32: samplesOf.int32, bool: samplesOf.bool };
    const all: TracedFunction = (tensors) =>
      Object.fromEntries(
        [...accepted].map(([name, { fn, samples }]) => {
          const given = Object.entries(samples).map(([input, { dtype }]) => [input, tensors[dtype]]);
          return [name, fn(Object.fromEntries(given)).y];
        }),
      );
    const [actual, expected] = [await runCompiled(all, inputs), runEager(all, inputs)];
    for (const [name, result] of Object.entries(expected)) {
      const error = relativeError(actual[name], result);
      t.true(error < 1e-5, `${name}: ${error}, ${actual[name]?.dtype} instead of ${result.dtype}`);
    }
  },
);

test.serial('dtype and shape of what is fed are named too', async (t) => {
  const compiled = await compile(({ x }) => ({ y: x.exp() }), { x: type('float32', 2, 2) });
  await t.throwsAsync(compiled.run({ x: new Float32Array(5) }), {
    message: /input `x`.*`4` elements.*got 5/,
  });
  await compiled.close();
});
