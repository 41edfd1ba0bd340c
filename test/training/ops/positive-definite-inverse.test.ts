import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { positiveDefiniteInverse } from '../../../training/ops/positive-definite-inverse.js';
import { compile } from '../../../training/tracer/compile.js';
import { noise } from '../tracer/parity.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

const NODES = 200;

/** I + D - R of a grid of superpixels with similarities in 0..4: condition number up to about 30. */
function conditionalRandomField(): Float32Array {
  const a = new Float32Array(NODES * NODES);
  for (let i = 0; i < NODES; i++) a[i * NODES + i] += 1;
  for (let i = 0; i < NODES; i++) {
    for (const j of [i + 1, i + 20]) {
      if (j >= NODES) continue;
      const weight = 2 + 2 * noise();
      a[i * NODES + j] -= weight;
      a[j * NODES + i] -= weight;
      a[i * NODES + i] += weight;
      a[j * NODES + j] += weight;
    }
  }
  return a;
}

/** Cholesky's factorisation in double precision. */
function logDeterminantOf(a: Float32Array): number {
  const l = Float64Array.from(a);
  let sum = 0;
  for (let j = 0; j < NODES; j++) {
    for (let k = 0; k < j; k++) l[j * NODES + j] -= l[j * NODES + k] ** 2;
    const pivot = Math.sqrt(l[j * NODES + j]);
    l[j * NODES + j] = pivot;
    sum += 2 * Math.log(pivot);
    for (let i = j + 1; i < NODES; i++) {
      for (let k = 0; k < j; k++) l[i * NODES + j] -= l[i * NODES + k] * l[j * NODES + k];
      l[i * NODES + j] /= pivot;
    }
  }
  return sum;
}

test.serial('a field of 200 superpixels is solved in a graph, with its log-determinant', async (t) => {
  const matrix = conditionalRandomField();
  const truth = Float32Array.from({ length: NODES }, () => 20 + 10 * noise());
  // What A makes of the truth, in double precision: solving must give the truth back.
  const unary = truth.map((_, i) => truth.reduce((sum, value, j) => sum + matrix[i * NODES + j] * value, 0));
  const compiled = await compile(
    ({ a, z }) => {
      const { inverse, logDeterminant } = positiveDefiniteInverse(a as tf.Tensor3D);
      return { y: tf.matMul(inverse, z), logDeterminant };
    },
    {
      a: { shape: [1, NODES, NODES], dtype: 'float32' },
      z: { shape: [1, NODES, 1], dtype: 'float32' },
    },
    { threads: 1 },
  );
  const { y, logDeterminant } = await compiled.run({ a: matrix, z: unary });
  await compiled.close();
  const worst = Math.max(...truth.map((value, i) => Math.abs(Number(y.data[i]) - value) / value));
  t.true(worst < 1e-4, `${worst}`);
  const expected = logDeterminantOf(matrix);
  t.true(Math.abs(Number(logDeterminant.data[0]) - expected) < 1e-5 * expected);
});

test.serial('matrices that are not square are refused by shape', (t) => {
  t.throws(() => positiveDefiniteInverse(tf.ones([1, 2, 3])), { message: /matrices: expected.*\[B, N, N\]/ });
});
