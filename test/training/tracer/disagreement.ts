import type * as tf from '@tensorflow/tfjs';
import { runCompiled, runEager, type Samples, withGradients } from './parity.js';

/**
 * Largest error of a compiled function's value and gradients by all its float inputs against the eager ones, relative to
 * each one's norm; a gradient that is zero but for rounding counts by 1 % of the largest one's.
 */
export async function disagreement(
  fn: (inputs: Record<string, tf.Tensor>) => tf.Tensor,
  samples: Samples,
): Promise<number> {
  const whole = withGradients(fn);
  const compiled = await runCompiled(whole, samples);
  const eager = runEager(whole, samples);
  const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
  const gradients = Object.keys(eager).filter((name) => name !== 'y');
  const least = 1e-2 * Math.max(...gradients.map((name) => norm(eager[name].data)));
  let worst = 0;
  for (const [name, { shape, data }] of Object.entries(eager)) {
    const other = compiled[name];
    if (other === undefined || other.shape.join() !== shape.join()) return Number.POSITIVE_INFINITY;
    const difference = norm(Array.from(data, (value, i) => value - Number(other.data[i])));
    worst = Math.max(worst, difference / Math.max(norm(data), name === 'y' ? 1e-6 : least));
  }
  return worst;
}
