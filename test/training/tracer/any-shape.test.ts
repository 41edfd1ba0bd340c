import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import fc from 'fast-check';
import { batchNormTraining } from '../../../training/ops/batch-norm-training.js';
import { correctGradients } from '../../../training/tracer/gradients/correct-gradients.js';
import {
  floats,
  integers,
  relativeError,
  runCompiled,
  runEager,
  useEagerBackend,
  withGradients,
} from './parity.js';

/** A function of a tensor of any shape of at least one axis; `axis` is one of its axes. */
type Op = (x: tf.Tensor, axis: number) => tf.Tensor;

/** A tensor that broadcasts to x along `axis`. */
function ramp(x: tf.Tensor, axis: number): tf.Tensor {
  const shape = x.shape.map((extent, i) => (i === axis ? extent : 1));
  return tf.tensor(
    Float32Array.from({ length: x.shape[axis] }, (_, i) => 0.4 + Math.sin(i)),
    shape,
  );
}

const even = (x: tf.Tensor, axis: number): number[] =>
  Array.from({ length: x.shape[axis] }, (_, i) => i).filter((i) => i % 2 === 0);

const ELEMENTWISE: Readonly<Record<string, Op>> = {
  relu: tf.relu,
  elu: tf.elu,
  leakyRelu: (x) => tf.leakyRelu(x, 0.2),
  selu: tf.selu,
  softplus: tf.softplus,
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  exp: tf.exp,
  'log of abs': (x) => tf.log(x.abs().add(0.5)),
  'sqrt of square': (x) => x.square().add(0.1).sqrt(),
  prelu: (x, axis) => tf.prelu(x, ramp(x, axis)),
  clipByValue: (x) => tf.clipByValue(x, -0.5, 0.5),
  'add, broadcast': (x, axis) => x.add(ramp(x, axis)),
  'div, broadcast': (x, axis) => x.div(ramp(x, axis).square().add(1)),
  'maximum, broadcast': (x, axis) => tf.maximum(x, ramp(x, axis)),
  'minimum, broadcast': (x, axis) => tf.minimum(ramp(x, axis), x),
  squaredDifference: (x, axis) => tf.squaredDifference(x, ramp(x, axis)),
  'where of a comparison': (x, axis) => tf.where(x.greater(ramp(x, axis).sub(0.4)), x.square(), x.neg()),
  pow: (x) => x.abs().add(0.3).pow(1.7),
};

const ALONG_AXES: Readonly<Record<string, Op>> = {
  sum: (x, axis) => x.sum(axis),
  'sum, kept': (x, axis) => x.sum(axis, true),
  mean: (x, axis) => x.mean(axis),
  'mean of the others': (x, axis) => x.mean(x.shape.flatMap((_, i) => (i === axis ? [] : [i]))),
  'mean of all': (x) => x.mean(),
  max: (x, axis) => x.max(axis),
  min: (x, axis) => x.min(axis, true),
  logSumExp: (x, axis) => tf.logSumExp(x, axis),
  variance: (x, axis) => tf.moments(x, axis, true).variance,
  norm: (x, axis) => tf.norm(x, 2, axis),
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),
  cumsum: (x, axis) => tf.cumsum(x, axis),
  'cumsum, exclusive and reverse': (x, axis) => tf.cumsum(x, axis, true, true),
};

const MOVING: Readonly<Record<string, Op>> = {
  'transpose to the front': (x, axis) =>
    x.transpose([axis, ...x.shape.flatMap((_, i) => (i === axis ? [] : [i]))]),
  'reshape to a matrix': (x, axis) => x.reshape([-1, x.shape[axis]]),
  flatten: (x) => x.flatten(),
  expandDims: (x, axis) => x.expandDims(axis),
  pad: (x, axis) => x.pad(x.shape.map((_, i): [number, number] => (i === axis ? [1, 2] : [0, 0]))),
  slice: (x, axis) =>
    x.slice(
      x.shape.map((extent, i) => (i === axis && extent > 1 ? 1 : 0)),
      x.shape.map((extent, i) => (i === axis && extent > 1 ? extent - 1 : extent)),
    ),
  stridedSlice: (x, axis) =>
    tf.stridedSlice(
      x,
      x.shape.map(() => 0),
      x.shape,
      x.shape.map((_, i) => (i === axis ? 2 : 1)),
    ),
  reverse: (x, axis) => x.reverse(axis),
  tile: (x, axis) => x.tile(x.shape.map((_, i) => (i === axis ? 2 : 1))),
  concat: (x, axis) => tf.concat([x, x.square()], axis),
  stack: (x, axis) => tf.stack([x, x.neg(), x], axis),
  'unstack and stack': (x, axis) => tf.stack(tf.unstack(x, axis).reverse(), axis),
  split: (x, axis) => tf.concat(tf.split(x, [1, x.shape[axis] - 1], axis).reverse(), axis),
  gather: (x, axis) => tf.gather(x, tf.tensor1d([...even(x, axis), 0], 'int32'), axis),
  'gather by a matrix': (x, axis) => tf.gather(x, tf.tensor2d([[0, 0]], [1, 2], 'int32'), axis),
  unsortedSegmentSum: (x) =>
    tf.unsortedSegmentSum(
      x,
      tf.tensor1d(x.shape[0] > 1 ? [1, ...Array(x.shape[0] - 1).fill(0)] : [1], 'int32'),
      3,
    ),
  gatherND: (x) => tf.gatherND(x, tf.tensor2d([0, x.shape[0] - 1, 0], [3, 1], 'int32')),
  scatterND: (x) =>
    tf.scatterND(
      tf.tensor2d(
        Array.from({ length: x.shape[0] }, (_, i) => i % 2),
        [x.shape[0], 1],
        'int32',
      ),
      x,
      [2, ...x.shape.slice(1)],
    ),
  matMul: (x, axis) => {
    const matrix = x.reshape<tf.Tensor2D>([-1, x.shape[axis]]);
    return tf.matMul(matrix, matrix, true, false);
  },
  batchNormTraining: (x, axis) => {
    const image = x.reshape<tf.Tensor4D>([-1, 1, 1, x.shape[axis]]);
    if (image.shape[0] < 3) return x;
    const ones = tf.ones<tf.Rank.R1>([x.shape[axis]]);
    return batchNormTraining(image, ones, ones, 0.1).output;
  },
};

/** Without gradients. */
const STEPPED: Readonly<Record<string, Op>> = {
  argMax: (x, axis) => tf.argMax(x, axis),
  argMin: (x, axis) => tf.argMin(x, axis),
  cumprod: (x, axis) => tf.cumprod(x, axis),
  'prod of signs': (x, axis) => tf.prod(tf.sign(x), axis),
  'all and any': (x, axis) => tf.all(x.greater(-0.5), axis).logicalAnd(tf.any(x.less(0), axis)),
  'oneHot of an argMax': (x, axis) => tf.oneHot(tf.argMax(x, axis), x.shape[axis] + 1),
  'floor, ceil and round': (x) =>
    tf
      .floor(x.mul(3))
      .add(tf.ceil(x))
      .mul(tf.round(x.mul(5))),
};

const SMOOTH = { ...ELEMENTWISE, ...ALONG_AXES, ...MOVING };

test.before(async () => {
  await useEagerBackend();
  correctGradients();
});

test.serial('every op and its gradient, of tensors of any shape in any order in memory', async (t) => {
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      fc.infiniteStream(fc.nat()),
      async (shape, which, random) => {
        seen.add(shape.length);
        const axis = which % shape.length;
        const order = shape.map((_, i) => i);
        for (let i = order.length - 1; i > 0; i--) {
          const j = (random.next().value ?? 0) % (i + 1);
          [order[i], order[j]] = [order[j], order[i]];
        }
        const whole = (inputs: Record<string, tf.Tensor>): Record<string, tf.Tensor> => {
          const results: Record<string, tf.Tensor> = {};
          for (const [op, fn] of Object.entries(SMOOTH)) {
            const { y, dx } = withGradients(({ x }) => fn(x, axis))(inputs);
            results[op] = y;
            results[`gradient of ${op}`] = dx;
          }
          for (const [op, fn] of Object.entries(STEPPED)) results[op] = fn(inputs.x, axis);
          return results;
        };
        const samples = { x: floats(shape) };
        const expected = runEager(whole, samples);
        const actual = await runCompiled(whole, samples, { x: order });
        for (const [name, result] of Object.entries(expected)) {
          const error = relativeError(actual[name], result);
          if (!(error < 1e-4))
            throw new Error(`${name} of [${shape}] along ${axis}: relative error ${error}`);
        }
      },
    ),
    { numRuns: 8, seed: 11, includeErrorInReport: true },
  );
  t.true(seen.size >= 3, 'most ranks were met');
});

test.serial('labels of any shape become one-hot vectors and losses', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 2, max: 6 }),
      async (shape, classes) => {
        const samples = { x: floats([...shape, classes]), l: integers(shape, -1, classes + 1) };
        const whole = withGradients(({ x, l }) => {
          const target = tf.oneHot(l, classes).toFloat();
          return target.mul(tf.logSoftmax(x)).sum(-1).neg();
        });
        const [actual, expected] = [await runCompiled(whole, samples), runEager(whole, samples)];
        return ['y', 'dx'].every((name) => relativeError(actual[name], expected[name]) < 1e-4);
      },
    ),
    { numRuns: 8, seed: 5 },
  );
  t.pass();
});
