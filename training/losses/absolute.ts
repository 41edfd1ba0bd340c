import type * as tf from '@tensorflow/tfjs';

/** |x| whose gradient at 0 is 0, as PyTorch's; TensorFlow.js's is -1, which pulls on whatever already agrees. */
export function absolute<T extends tf.Tensor>(x: T): T {
  return x.mul<T>(x.sign());
}
