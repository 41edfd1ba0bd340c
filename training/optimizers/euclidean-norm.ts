import type { Tensors } from './tensors.js';

/** Euclidean norm of all tensors together. */
export function euclideanNorm(tensors: Tensors): number {
  let sum = 0;
  for (const values of Object.values(tensors)) sum += sumOfSquares(values);
  return Math.sqrt(sum);
}

/** In four sums, which the processor adds to at the same time. */
function sumOfSquares(x: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = x.length - (x.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += x[i] * x[i];
    b += x[i + 1] * x[i + 1];
    c += x[i + 2] * x[i + 2];
    d += x[i + 3] * x[i + 3];
  }
  for (let i = whole; i < x.length; i++) a += x[i] * x[i];
  return a + b + (c + d);
}
