import type * as tf from '@tensorflow/tfjs';
import { relativeError, runCompiled, runEager, type Samples, withGradients } from './parity.js';

/** Largest relative error of a compiled function's value and gradients by all its float inputs against the eager ones. */
export async function disagreement(
  fn: (inputs: Record<string, tf.Tensor>) => tf.Tensor,
  samples: Samples,
): Promise<number> {
  const whole = withGradients(fn);
  const compiled = await runCompiled(whole, samples);
  const eager = runEager(whole, samples);
  return Math.max(...Object.entries(eager).map(([name, y]) => relativeError(compiled[name], y)));
}
