import * as tf from '@tensorflow/tfjs';

/**
 * Comparisons change by steps: their gradient is zero. TensorFlow.js has none for most of them and refuses
 * `tf.where(x.greater(0), x, y)`.
 */
export const comparisons: readonly tf.GradConfig[] = [
  'Equal',
  'Greater',
  'GreaterEqual',
  'Less',
  'LessEqual',
  'NotEqual',
  'LogicalAnd',
  'LogicalOr',
].map((kernelName) => ({
  kernelName,
  inputsToSave: ['a', 'b'],
  gradFunc: (_dy, [a, b]) => ({ a: () => zeros(a), b: () => zeros(b) }),
}));

/** TensorFlow.js wants gradients to be floats, whatever they belong to. */
function zeros(x: tf.Tensor): tf.Tensor {
  return tf.zeros(x.shape, 'float32');
}
