import * as tf from '@tensorflow/tfjs';

/** Gradients of `unstack` and `split`. TensorFlow.js's own fail for a list of one tensor, whose gradient comes without a list. */
export const lists: readonly tf.GradConfig[] = ['Unpack', 'SplitV'].map((kernelName) => {
  const plain = tf.getGradient(kernelName);
  return {
    ...plain,
    gradFunc: (dy, saved, attributes) => plain.gradFunc(Array.isArray(dy) ? dy : [dy], saved, attributes),
  };
});
