import * as tf from '@tensorflow/tfjs';
import { customGradient } from './custom-gradient.js';

/** Identity whose gradient is zero. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return customGradient<[T], T>([x], (_, input) => ({
    value: input.clone(),
    gradient: (dy) => tf.zerosLike(dy),
  }));
}
