import * as tf from '@tensorflow/tfjs';
import { assertShape } from '../ops/assert-shape.js';
import { positiveDefiniteInverse } from '../ops/positive-definite-inverse.js';

export interface CrfPotentials {
  /** h, what every node says by itself, [B, N]. */
  readonly unary: tf.Tensor2D;
  /** R = sum of beta_k S^k, symmetric, >= 0, 0 on the diagonal and between nodes without an edge, [B, N, N]. */
  readonly pairwise: tf.Tensor3D;
}

export interface CrfTruth {
  /** [B, N]; any finite number where not observed. */
  readonly truth: tf.Tensor2D;
  /** 1 where the truth is known, else 0, [B, N]. */
  readonly observed: tf.Tensor2D;
}

/**
 * The most probable depths of a Gaussian CRF: A^-1 h with A = I + D - R, D the row sums of R; [B, N].
 * Source: adversarial-depth, eq. 6 to 9; Liu et al. 2015, eq. 10 to 14.
 */
export function crfMap({ unary, pairwise }: CrfPotentials): tf.Tensor2D {
  return times(positiveDefiniteInverse(precision(pairwise)).inverse, unary);
}

/**
 * Negative log-likelihood of a Gaussian CRF, the mean over the nodes whose truth is known; 0 where none is.
 *
 * With m = A^-1 h, Pr(y | x) = pi^(-n/2) |A|^(1/2) exp(-(y - m)^T A (y - m)). Nodes without truth are integrated out. A is
 * replaced by its Schur complement over the observed nodes, A_oo - A_ou A_uu^-1 A_uo, which is A itself where all are.
 * @returns also m, [B, N], of the same solve.
 * Source: adversarial-depth, eq. 5, 9 and 10, with the mean for the sum.
 */
export function crfLikelihood(
  { unary, pairwise }: CrfPotentials,
  { truth, observed }: CrfTruth,
): { readonly loss: tf.Scalar; readonly map: tf.Tensor2D } {
  const sizes = assertShape(unary, ['B', 'N'], 'unary');
  assertShape(pairwise, ['B', 'N', 'N'], 'pairwise', sizes);
  assertShape(truth, ['B', 'N'], 'truth', sizes);
  assertShape(observed, ['B', 'N'], 'observed', sizes);
  const a = precision(pairwise);
  const whole = positiveDefiniteInverse(a);
  const map = times(whole.inverse, unary);
  const hidden = tf.sub<tf.Tensor2D>(1, observed);
  // A_uu, with the identity at the observed nodes.
  const rest = positiveDefiniteInverse(
    a.mul<tf.Tensor3D>(hidden.expandDims(1)).mul<tf.Tensor3D>(hidden.expandDims(2)).add(diagonal(observed)),
  );
  const error = truth.sub<tf.Tensor2D>(map).mul<tf.Tensor2D>(observed);
  const pulled = times(a, error);
  const among = pulled.mul<tf.Tensor2D>(hidden);
  const form = error
    .mul(pulled)
    .sum()
    .sub(among.mul(times(rest.inverse, among)).sum());
  const logDeterminant = whole.logDeterminant.sum().sub(rest.logDeterminant.sum());
  const count = observed.sum();
  const total = form.sub(logDeterminant.mul(0.5)).add(count.mul(0.5 * Math.log(Math.PI)));
  return { loss: total.div<tf.Scalar>(tf.maximum(count, 1)), map };
}

/** A = I + D - R. */
function precision(pairwise: tf.Tensor3D): tf.Tensor3D {
  return diagonal(pairwise.sum<tf.Tensor2D>(2).add(1)).sub(pairwise);
}

/** [B, N] -> [B, N, N]. */
function diagonal(values: tf.Tensor2D): tf.Tensor3D {
  return tf.eye(values.shape[1]).expandDims<tf.Tensor3D>(0).mul(values.expandDims(2));
}

/** [B, N, N] times [B, N]. */
function times(matrices: tf.Tensor3D, vectors: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(matrices, vectors.expandDims<tf.Tensor3D>(2)).reshape(vectors.shape);
}
