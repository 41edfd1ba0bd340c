import * as tf from '@tensorflow/tfjs';

/** Gradient of `gatherND`, which TensorFlow.js lacks: what an element gives away comes back to it, summed. */
const gather: tf.GradConfig = {
  kernelName: 'GatherNd',
  inputsToSave: ['params', 'indices'],
  gradFunc: (dy, [params, indices]) => ({
    params: () => tf.scatterND(indices, dy as tf.Tensor, params.shape), // the kernel has one output
    indices: () => tf.zerosLike(indices),
  }),
};

/** Gradient of `scatterND`, which TensorFlow.js lacks. */
const scatter: tf.GradConfig = {
  kernelName: 'ScatterNd',
  inputsToSave: ['indices'],
  gradFunc: (dy, [indices]) => ({
    updates: () => tf.gatherND(dy as tf.Tensor, indices), // the kernel has one output
    indices: () => tf.zerosLike(indices),
  }),
};

export const indexed: readonly tf.GradConfig[] = [gather, scatter];
