import * as tf from '@tensorflow/tfjs';

/** The cumulative sum from the other end. TensorFlow.js's own permutes the result's axes unless `axis` is the last. */
export const cumulativeSum: tf.GradConfig = {
  kernelName: 'Cumsum',
  gradFunc: (dy, _saved, attributes) => {
    const { axis, exclusive, reverse } = attributes as {
      axis: number;
      exclusive: boolean;
      reverse: boolean;
    };
    return { x: () => tf.cumsum(dy as tf.Tensor, axis, exclusive, !reverse) };
  },
};
