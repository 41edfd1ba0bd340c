import type { Tensors } from './adam.js';

/** Euclidean norm of all gradients together. */
export function gradientNorm(gradients: Tensors): number {
  let sum = 0;
  for (const gradient of Object.values(gradients)) {
    for (let i = 0; i < gradient.length; i++) sum += gradient[i] * gradient[i];
  }
  return Math.sqrt(sum);
}
