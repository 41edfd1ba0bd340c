import * as tf from '@tensorflow/tfjs';
import { positiveDefiniteInverse } from '../../../training/ops/positive-definite-inverse.js';
import { mapped, sum, type Values } from './double-precision.js';
import type { MethodOp } from './method-op.js';
import { floats } from './parity.js';

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

/** What the continuous conditional random field over superpixels needs (Liu et al. 2015). */
export const METHOD_CRF_OPS: readonly MethodOp[] = [
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
