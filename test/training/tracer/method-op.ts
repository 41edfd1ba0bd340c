import type * as tf from '@tensorflow/tfjs';
import type { Reference } from './double-precision.js';
import type { Samples } from './parity.js';

/** An operation that one of the five methods needs, and what it computes in double precision. */
export interface MethodOp {
  readonly need: string;
  readonly samples: Samples;
  readonly fn: (inputs: Record<string, tf.Tensor>) => tf.Tensor;
  readonly reference: Reference;
  /** False where there is none: integers, masks. */
  readonly gradients?: boolean;
  /** TensorFlow.js 4.22's cpu backend gets the gradient wrong or throws: then only the graph is compared. */
  readonly wrongInEager?: boolean;
}
