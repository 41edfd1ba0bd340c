import * as tf from '@tensorflow/tfjs';
import { instanceNorm } from '../../../training/networks/instance-norm.js';
import { batchNorm } from '../../../training/networks/layers.js';
import { Scope } from '../../../training/networks/scope.js';
import { spectralNorm } from '../../../training/networks/spectral-norm.js';
import { mapped, mean, sum, type Values } from './double-precision.js';
import type { MethodOp } from './method-op.js';
import { floats } from './parity.js';

const as4d = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;

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

/** Normalisations of activations and of filters. */
export const METHOD_NORMALIZATIONS: readonly MethodOp[] = [
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
