import * as tf from '@tensorflow/tfjs';
import { dropout } from '../../../training/networks/dropout.js';
import { reflectionPad } from '../../../training/ops/reflection-pad.js';
import { everyIndex, flatIndex, mapped, mean, sum, type Values } from './double-precision.js';
import { METHOD_CRF_OPS } from './method-crf-ops.js';
import { METHOD_IMAGE_OPS } from './method-image-ops.js';
import { METHOD_NORMALIZATIONS } from './method-normalizations.js';
import type { MethodOp } from './method-op.js';
import { floats, integers, type Sample } from './parity.js';

const as4d = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;
const logSumExp = (x: Values): number => Math.log(sum(mapped(x, Math.exp)));

/** The runs of `x` [outer, extent, inner] along the middle axis, mapped one by one. */
function along(
  [outer, extent, inner]: readonly [number, number, number],
  run: (values: number[]) => number[],
): (x: Values) => number[] {
  return (x) => {
    const runs = Array.from({ length: outer * inner }, (_, i) => {
      const begin = Math.floor(i / inner) * extent * inner + (i % inner);
      return run(Array.from({ length: extent }, (_, k) => x[begin + k * inner]));
    });
    const length = runs[0].length;
    return Array.from({ length: outer * length * inner }, (_, flat) => {
      const place = Math.floor(flat / inner);
      return runs[Math.floor(place / length) * inner + (flat % inner)][place % length];
    });
  };
}

function elementwise(
  need: string,
  fn: (x: tf.Tensor) => tf.Tensor,
  reference: (x: number) => number,
): MethodOp {
  return {
    need,
    samples: { x: floats([2, 3, 4], (value) => 3 * value) },
    fn: ({ x }) => fn(x),
    reference: ({ x }) => mapped(x, reference),
  };
}

const IMAGE = [2, 3, 4, 3];

const activations: readonly MethodOp[] = [
  elementwise(
    'leaky relu',
    (x) => tf.leakyRelu(x, 0.2),
    (x) => (x > 0 ? x : 0.2 * x),
  ),
  elementwise('relu', tf.relu, (x) => Math.max(0, x)),
  elementwise('elu', tf.elu, (x) => (x > 0 ? x : Math.exp(x) - 1)),
  elementwise('tanh', tf.tanh, Math.tanh),
  elementwise('sigmoid', tf.sigmoid, (x) => 1 / (1 + Math.exp(-x))),
  elementwise('softplus', tf.softplus, (x) => Math.log(1 + Math.exp(x))),
  elementwise(
    'clipping by value',
    (x) => tf.clipByValue(x, -1, 2),
    (x) => Math.min(2, Math.max(-1, x)),
  ),
  {
    need: 'prelu with one slope per channel',
    samples: { x: floats(IMAGE), a: floats([3]) },
    fn: ({ x, a }) => tf.prelu(x, a),
    reference: ({ x, a }) => mapped(x, (value, i) => (value > 0 ? value : a[i % 3] * value)),
  },
  {
    need: 'dropout with a mask from outside',
    samples: { x: floats([2, 6]), m: { ...floats([2, 6], (value) => (value > 0 ? 2 : 0)) } },
    fn: ({ x, m }) => dropout(x, m),
    reference: ({ x, m }) => mapped(x, (value, i) => value * m[i]),
  },
  {
    need: 'maximum and minimum with a broadcast operand',
    samples: { x: floats(IMAGE), a: floats([3]), b: floats([3, 1, 1]) },
    fn: ({ x, a, b }) => tf.maximum(x, a).add(tf.minimum(b, x)),
    reference: ({ x, a, b }) =>
      mapped(x, (value, i) => Math.max(value, a[i % 3]) + Math.min(value, b[Math.floor((i % 36) / 12)])),
  },
  {
    need: 'berHu loss with its threshold from the batch',
    samples: { x: floats(IMAGE) },
    fn: ({ x }) => {
      const error = x.abs();
      const c = error.max().mul(0.2);
      return tf.where(error.greater(c), x.square().add(c.square()).div(c.mul(2)), error);
    },
    reference: ({ x }) => {
      const c = 0.2 * Math.max(...mapped(x, Math.abs));
      return mapped(x, (value) => (Math.abs(value) > c ? (value ** 2 + c ** 2) / (2 * c) : Math.abs(value)));
    },
  },
];

/** Padding by two. */
function reflects(need: string, height: number, width: number): MethodOp {
  const mirrored = (i: number, extent: number): number =>
    i < 0 ? -i : i >= extent ? 2 * (extent - 1) - i : i;
  return {
    need,
    samples: { x: floats([1, height, width, 2]) },
    fn: ({ x }) => reflectionPad(as4d(x), 2),
    reference: ({ x }) => {
      const out: number[] = [];
      everyIndex([height + 4, width + 4, 2], ([row, column, c]) => {
        const pixel = [mirrored(row - 2, height), mirrored(column - 2, width), c];
        out.push(x[flatIndex([height, width, 2], pixel) ?? -1]);
      });
      return out;
    },
  };
}

const indexing: readonly MethodOp[] = [
  {
    need: 'gather of rows',
    samples: { x: floats([5, 3]), i: integers([6], 0, 5) },
    fn: ({ x, i }) => tf.gather(x, i as tf.Tensor1D),
    reference: ({ x, i }) => Array.from({ length: 18 }, (_, k) => x[i[Math.floor(k / 3)] * 3 + (k % 3)]),
  },
  {
    need: 'gather of elements',
    samples: { x: floats([4, 5]), i: integers([6, 2], 0, 4) },
    fn: ({ x, i }) => tf.gatherND(x, i),
    reference: ({ x, i }) => Array.from({ length: 6 }, (_, k) => x[i[2 * k] * 5 + i[2 * k + 1]]),
  },
  {
    need: 'scatter that adds',
    samples: { x: floats([6]), i: integers([6, 2], 0, 3) },
    fn: ({ x, i }) => tf.scatterND(i as tf.Tensor2D, x, [3, 4]),
    reference: ({ x, i }) => {
      const out = new Float64Array(12);
      for (let k = 0; k < 6; k++) out[i[2 * k] * 4 + i[2 * k + 1]] += x[k];
      return out;
    },
  },
  {
    need: 'sums over segments (superpixels)',
    samples: { x: floats([7, 2]), i: integers([7], 0, 4) },
    fn: ({ x, i }) => tf.unsortedSegmentSum(x, i as tf.Tensor1D, 4),
    reference: ({ x, i }) => {
      const out = new Float64Array(8);
      for (let k = 0; k < 14; k++) out[i[Math.floor(k / 2)] * 2 + (k % 2)] += x[k];
      return out;
    },
  },
  {
    need: 'slice with strides',
    samples: { x: floats([6, 7]) },
    fn: ({ x }) => tf.stridedSlice(x, [1, 5], [6, 0], [2, -2]),
    reference: ({ x }) => [1, 3, 5].flatMap((row) => [5, 3, 1].map((column) => x[row * 7 + column])),
  },
  {
    need: 'slice that drops an axis',
    samples: { x: floats([6, 7, 3]) },
    fn: ({ x }) => tf.stridedSlice(x, [1, 2, 0], [6, 3, 3], [2, 1, 1], 0, 0, 0, 0, 2),
    reference: ({ x }) =>
      [1, 3, 5].flatMap((row) => [0, 1, 2].map((channel) => x[(row * 7 + 2) * 3 + channel])),
    wrongInEager: true,
  },
  reflects('reflection padding', 4, 5),
  reflects('reflection padding whose borders overlap', 4, 3),
];

const labels: Sample = integers([2, 3], 0, 6);

const classification: readonly MethodOp[] = [
  {
    need: 'softmax',
    samples: { x: floats([2, 3, 5]) },
    fn: ({ x }) => tf.softmax(x),
    reference: ({ x }) => along([6, 5, 1], (v) => mapped(v, (value) => Math.exp(value - logSumExp(v))))(x),
  },
  {
    need: 'weighted cross-entropy that ignores label 5',
    samples: { x: floats([2, 3, 5]), l: labels, w: floats([5], (value) => value + 2) },
    fn: ({ x, l, w }) => {
      const target = tf.oneHot(l, 5).toFloat().mul(w);
      return target.mul(tf.logSoftmax(x)).sum().neg().div(target.sum());
    },
    reference: ({ x, l, w }) => {
      let [loss, weight] = [0, 0];
      for (let k = 0; k < 6; k++) {
        if (l[k] >= 5) continue;
        const scores = Array.from(x).slice(5 * k, 5 * k + 5);
        loss += w[l[k]] * (logSumExp(scores) - scores[l[k]]);
        weight += w[l[k]];
      }
      return [loss / weight];
    },
  },
  {
    need: 'self-information of the softmax (DADA)',
    samples: { x: floats([2, 3, 5]) },
    fn: ({ x }) =>
      tf
        .softmax(x)
        .mul(tf.logSoftmax(x))
        .mul(-1 / Math.log(5)),
    reference: ({ x }) =>
      along([6, 5, 1], (v) => {
        const logs = mapped(v, (value) => value - logSumExp(v));
        return logs.map((log) => (-Math.exp(log) * log) / Math.log(5));
      })(x),
  },
  {
    need: 'binary cross-entropy with logits',
    samples: { x: floats([2, 6], (value) => 20 * value) },
    fn: ({ x }) => tf.softplus(x.neg()),
    reference: ({ x }) => mapped(x, (value) => Math.log1p(Math.exp(-value))),
  },
  {
    need: 'argmax',
    samples: { x: floats([2, 3, 5]) },
    gradients: false,
    fn: ({ x }) => tf.argMax(x, 2),
    reference: ({ x }) => along([6, 5, 1], (v) => [v.indexOf(Math.max(...v))])(x),
  },
  {
    need: 'one-hot; labels out of range give zeros',
    samples: { l: integers([2, 3], -2, 8) },
    gradients: false,
    fn: ({ l }) => tf.oneHot(l, 5).toFloat(),
    reference: ({ l }) => Array.from(l).flatMap((label) => [0, 1, 2, 3, 4].map((c) => (c === label ? 1 : 0))),
  },
];

const reduced = (
  need: string,
  fn: (x: tf.Tensor) => tf.Tensor,
  run: (values: number[]) => number[],
): MethodOp => ({
  need: `${need} along an inner axis`,
  samples: { x: floats([2, 5, 3], (value) => value + 1.5) },
  fn: ({ x }) => fn(x),
  reference: ({ x }) => along([2, 5, 3], run)(x),
});

const accumulated = (values: number[], start: number, join: (a: number, b: number) => number): number[] =>
  values.map((_, i) => values.slice(0, i + 1).reduce(join, start));
const add = (a: number, b: number): number => a + b;
const multiply = (a: number, b: number): number => a * b;

const reductions: readonly MethodOp[] = [
  reduced(
    'cumulative sum',
    (x) => tf.cumsum(x, 1),
    (v) => accumulated(v, 0, add),
  ),
  reduced(
    'cumulative sum from the end without the element itself',
    (x) => tf.cumsum(x, 1, true, true),
    (v) => [...accumulated(v.toReversed(), 0, add).slice(0, -1).toReversed(), 0],
  ),
  {
    ...reduced(
      'cumulative product',
      (x) => tf.cumprod(x, 1),
      (v) => accumulated(v, 1, multiply),
    ),
    gradients: false,
  },
  {
    ...reduced(
      'cumulative product from the end without the element itself',
      (x) => tf.cumprod(x, 1, true, true),
      (v) => [...accumulated(v.toReversed(), 1, multiply).slice(0, -1).toReversed(), 1],
    ),
    gradients: false,
  },
  reduced(
    'sum',
    (x) => x.sum(1),
    (v) => [sum(v)],
  ),
  reduced(
    'mean',
    (x) => x.mean(1),
    (v) => [mean(v)],
  ),
  reduced(
    'maximum',
    (x) => x.max(1),
    (v) => [Math.max(...v)],
  ),
  reduced(
    'minimum',
    (x) => x.min(1),
    (v) => [Math.min(...v)],
  ),
  reduced(
    'product',
    (x) => x.prod(1),
    (v) => [v.reduce(multiply)],
  ),
  reduced(
    'log-sum-exp',
    (x) => tf.logSumExp(x, 1),
    (v) => [logSumExp(v)],
  ),
  reduced(
    'norm',
    (x) => tf.norm(x, 2, 1),
    (v) => [Math.hypot(...v)],
  ),
  reduced(
    'variance',
    (x) => tf.moments(x, 1).variance,
    (v) => [mean(v.map((value) => (value - mean(v)) ** 2))],
  ),
];

/** Every operation that METHODS.md names for one of the five methods. */
export const METHOD_OPS: readonly MethodOp[] = [
  ...METHOD_IMAGE_OPS,
  ...METHOD_NORMALIZATIONS,
  ...activations,
  ...indexing,
  ...classification,
  ...reductions,
  ...METHOD_CRF_OPS,
];
