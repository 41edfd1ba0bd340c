import * as tf from '@tensorflow/tfjs';
import { dropout } from '../../../training/networks/dropout.js';
import { instanceNorm } from '../../../training/networks/instance-norm.js';
import { batchNorm } from '../../../training/networks/layers.js';
import { Scope } from '../../../training/networks/scope.js';
import { spectralNorm } from '../../../training/networks/spectral-norm.js';
import { positiveDefiniteInverse } from '../../../training/onnx/positive-definite-inverse.js';
import { reflectionPad } from '../../../training/onnx/reflection-pad.js';
import { everyIndex, flatIndex } from './double-precision.js';
import { METHOD_IMAGE_OPS } from './method-image-ops.js';
import type { MethodOp } from './method-op.js';
import { floats, integers, type Sample } from './parity.js';

type Values = ArrayLike<number>;

const as4d = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;
const mapped = (x: Values, fn: (value: number, i: number) => number): number[] => Array.from(x, fn);
const sum = (x: Values): number => Array.from(x).reduce((total, value) => total + value, 0);
const mean = (x: Values): number => sum(x) / x.length;
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

const IMAGE: readonly [number, number, number, number] = [2, 3, 4, 3];

/** Values of every channel of every image, normalised over its pixels (`instance`) or over the batch. */
function normalised(x: Values, per: 'instance' | 'batch', epsilon = 1e-5): Float64Array {
  const [n, h, w, c] = IMAGE;
  const out = new Float64Array(x.length);
  const groups = per === 'instance' ? n : 1;
  for (let group = 0; group < groups; group++) {
    for (let channel = 0; channel < c; channel++) {
      const count = (n * h * w) / groups;
      const places = Array.from({ length: count }, (_, i) => (group * count + i) * c + channel);
      const values = places.map((place) => x[place]);
      const center = mean(values);
      const deviation = Math.sqrt(mean(values.map((value) => (value - center) ** 2)) + epsilon);
      for (const place of places) out[place] = (x[place] - center) / deviation;
    }
  }
  return out;
}

const normalisations: readonly MethodOp[] = [
  {
    need: 'instance normalisation',
    samples: { x: floats(IMAGE) },
    fn: ({ x }) => instanceNorm(Scope.over({}, true), as4d(x)),
    reference: ({ x }) => normalised(x, 'instance'),
  },
  {
    need: 'instance normalisation with scale and shift',
    samples: { x: floats(IMAGE), weight: floats([3]), bias: floats([3]) },
    fn: ({ x, weight, bias }) => instanceNorm(Scope.over({ weight, bias }, true), as4d(x), { affine: true }),
    reference: ({ x, weight, bias }) =>
      normalised(x, 'instance').map((value, i) => value * weight[i % 3] + bias[i % 3]),
  },
  {
    need: 'batch normalisation in training',
    samples: { x: floats(IMAGE), weight: floats([3]), bias: floats([3]) },
    fn: (p) => {
      const running = { running_mean: tf.zeros([3]), running_var: tf.ones([3]) };
      return batchNorm(Scope.over({ ...p, ...running }, true), as4d(p.x));
    },
    reference: ({ x, weight, bias }) =>
      normalised(x, 'batch').map((value, i) => value * weight[i % 3] + bias[i % 3]),
  },
  {
    need: 'batch normalisation with frozen statistics',
    samples: {
      x: floats(IMAGE),
      weight: floats([3]),
      bias: floats([3]),
      running_mean: floats([3]),
      running_var: floats([3], (value) => 1.5 + value),
    },
    fn: (p) => batchNorm(Scope.over(p, false), as4d(p.x)),
    reference: ({ x, weight, bias, running_mean: m, running_var: v }) =>
      mapped(x, (value, i) => {
        const c = i % 3;
        return ((value - m[c]) / Math.sqrt(v[c] + 1e-5)) * weight[c] + bias[c];
      }),
  },
  {
    need: 'batch statistics for the moving averages',
    samples: { x: floats(IMAGE) },
    gradients: false,
    fn: ({ x }) => {
      const scope = Scope.over(
        {
          weight: tf.ones([3]),
          bias: tf.zeros([3]),
          running_mean: tf.zeros([3]),
          running_var: tf.ones([3]),
        },
        true,
      );
      batchNorm(scope, as4d(x));
      return tf.concat([scope.updates().running_mean, scope.updates().running_var]);
    },
    reference: ({ x }) => {
      const channels = [0, 1, 2].map((c) => Array.from(x).filter((_, i) => i % 3 === c));
      const squares = channels.map((values) => mean(values.map((value) => (value - mean(values)) ** 2)));
      return [...channels.map(mean), ...squares];
    },
  },
  spectral(true),
  spectral(false),
];

/** W / sigma with one power iteration, no gradient through the vectors: computed with vectors of the starting weights. */
function spectral(training: boolean): MethodOp {
  const [rows, columns] = [2 * 2 * 3, 4];
  const weight = floats([2, 2, 3, columns]);
  const state = floats([columns], (value) => value + 0.1);
  const unit = (x: Values): number[] => mapped(x, (value) => value / Math.hypot(...Array.from(x)));
  const times = (w: Values, u: Values): number[] =>
    Array.from({ length: rows }, (_, r) => sum(mapped(u, (value, c) => value * w[r * columns + c])));
  const timesTransposed = (w: Values, v: Values): number[] =>
    Array.from({ length: columns }, (_, c) => sum(mapped(v, (value, r) => value * w[r * columns + c])));
  const v = unit(times(weight.data, state.data));
  const u = training ? unit(timesTransposed(weight.data, v)) : unit(state.data);
  return {
    need: `spectral normalisation ${training ? 'in' : 'after'} training`,
    samples: { weight },
    fn: (p) => {
      const stored = tf.tensor(state.data, [columns]);
      return spectralNorm(Scope.over({ weight_u: stored }, training), as4d(p.weight));
    },
    reference: ({ weight: w }) => {
      const sigma = sum(mapped(timesTransposed(w, v), (value, i) => value * u[i]));
      return mapped(w, (value) => value / sigma);
    },
  };
}

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
    need: 'reflection padding',
    samples: { x: floats([1, 4, 5, 2]) },
    fn: ({ x }) => reflectionPad(as4d(x), 2),
    reference: ({ x }) => {
      const mirrored = (i: number, extent: number): number =>
        i < 0 ? -i : i >= extent ? 2 * (extent - 1) - i : i;
      const out: number[] = [];
      everyIndex([8, 9, 2], ([row, column, c]) => {
        const place = flatIndex([4, 5, 2], [mirrored(row - 2, 4), mirrored(column - 2, 5), c]);
        out.push(x[place ?? -1]);
      });
      return out;
    },
  },
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

const NODES = 6;
const PAIRS = (NODES * (NODES - 1)) / 2;

/** A = I + D - R for weights R of pairs of superpixels, D its row sums (CNN-CRF). */
function crfMatrix(weights: Values): number[][] {
  const a = Array.from({ length: NODES }, (_, i) =>
    Array.from({ length: NODES }, (_, j) => (i === j ? 1 : 0)),
  );
  let pair = 0;
  for (let i = 0; i < NODES; i++) {
    for (let j = 0; j < i; j++) {
      const weight = weights[pair++];
      a[i][j] -= weight;
      a[j][i] -= weight;
      a[i][i] += weight;
      a[j][j] += weight;
    }
  }
  return a;
}

/** Solves A x = b by Gauss-Jordan elimination; also log det A. */
function eliminate(matrix: number[][], b: Values): { x: number[]; logDeterminant: number } {
  const rows = matrix.map((row, i) => [...row, b[i]]);
  let logDeterminant = 0;
  for (const [k, pivot] of rows.entries()) {
    logDeterminant += Math.log(pivot[k]);
    const scaled = pivot.map((value) => value / pivot[k]);
    rows[k] = scaled;
    for (const [i, row] of rows.entries()) {
      if (i !== k) rows[i] = row.map((value, column) => value - row[k] * scaled[column]);
    }
  }
  return { x: rows.map((row) => row[NODES]), logDeterminant };
}

/** A from the weights of pairs, in tensors. */
function crfTensor(weights: tf.Tensor): tf.Tensor2D {
  const places: number[][] = [];
  for (let i = 0; i < NODES; i++) for (let j = 0; j < i; j++) places.push([i, j]);
  const lower = tf.scatterND(tf.tensor2d(places, [PAIRS, 2], 'int32'), weights, [NODES, NODES]);
  const both = lower.add<tf.Tensor2D>(lower.transpose());
  const diagonal = tf.eye(NODES).mul<tf.Tensor2D>(both.sum(1).add(1));
  return diagonal.sub(both);
}

const crfSamples = { w: floats([PAIRS], (value) => value + 1.1), z: floats([NODES]), d: floats([NODES]) };

const randomField: readonly MethodOp[] = [
  {
    need: 'closed-form MAP of a pairwise CRF: a linear solve',
    samples: { w: crfSamples.w, z: crfSamples.z },
    fn: ({ w, z }) => {
      const { inverse } = positiveDefiniteInverse(crfTensor(w).expandDims(0));
      return tf.matMul(inverse.squeeze<tf.Tensor2D>([0]), z.reshape<tf.Tensor2D>([NODES, 1]));
    },
    reference: ({ w, z }) => eliminate(crfMatrix(w), z).x,
  },
  {
    need: 'negative log-likelihood of a pairwise CRF',
    samples: crfSamples,
    fn: ({ w, z, d }) => {
      const a = crfTensor(w);
      const { inverse, logDeterminant } = positiveDefiniteInverse(a.expandDims(0));
      const form = (matrix: tf.Tensor2D, x: tf.Tensor): tf.Tensor =>
        tf
          .matMul(matrix, x.reshape<tf.Tensor2D>([NODES, 1]))
          .reshape([NODES])
          .mul(x)
          .sum();
      return form(a, d)
        .sub(d.mul(z).sum().mul(2))
        .add(form(inverse.squeeze<tf.Tensor2D>([0]), z))
        .sub(logDeterminant.sum().mul(0.5));
    },
    reference: ({ w, z, d }) => {
      const a = crfMatrix(w);
      const { x, logDeterminant } = eliminate(a, z);
      const quadratic = sum(a.map((row, i) => d[i] * sum(row.map((value, j) => value * d[j]))));
      const linear = sum(mapped(d, (value, i) => value * z[i]));
      return [quadratic - 2 * linear + sum(mapped(z, (value, i) => value * x[i])) - 0.5 * logDeterminant];
    },
  },
];

/** Every operation that METHODS.md names for one of the five methods. */
export const METHOD_OPS: readonly MethodOp[] = [
  ...METHOD_IMAGE_OPS,
  ...normalisations,
  ...activations,
  ...indexing,
  ...classification,
  ...reductions,
  ...randomField,
];
