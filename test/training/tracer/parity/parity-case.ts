import type * as tf from '@tensorflow/tfjs';
import { floats, type Samples } from '../parity.js';

type Inputs = Record<string, tf.Tensor>;

/** A function to be compared with eager TensorFlow.js. */
export interface ParityCase {
  readonly title: string;
  readonly samples: Samples;
  readonly fn: (inputs: Inputs) => tf.Tensor;
  /** Gradients by all float inputs are compared too, unless TensorFlow.js has none or a wrong one. */
  readonly gradients: boolean;
}

export const image = (h: number, w: number, c: number) => floats([2, h, w, c]);
export const as4d = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;
/** Paddings of an image's rows and columns. */
export const around = (
  n: number,
): [[number, number], [number, number], [number, number], [number, number]] => [
  [0, 0],
  [n, n],
  [n, n],
  [0, 0],
];

/** Its gradients are compared too. */
export function smooth(title: string, samples: Samples, fn: (inputs: Inputs) => tf.Tensor): ParityCase {
  return { title, samples, fn, gradients: true };
}

/** Its outputs alone are compared. */
export function forward(title: string, samples: Samples, fn: (inputs: Inputs) => tf.Tensor): ParityCase {
  return { title, samples, fn, gradients: false };
}
