import * as tf from '@tensorflow/tfjs';

/** The cumulative sum from the other end. TensorFlow.js's own permutes the result's axes unless `axis` is the last. */
export const cumulativeSum: tf.GradConfig = {
  kernelName: 'Cumsum',
  gradFunc: (dy, _saved, attributes) => {
    // What TensorFlow.js's cumsum gives the kernel, which has one output.
    const { axis, exclusive, reverse } = attributes as {
      axis: number;
      exclusive: boolean;
      reverse: boolean;
    };
    const gradient = dy as tf.Tensor; // as said
    return { x: () => tf.cumsum(gradient, axis, exclusive, !reverse) };
  },
};
