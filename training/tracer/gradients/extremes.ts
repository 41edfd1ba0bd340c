import * as tf from '@tensorflow/tfjs';

type Compare = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** Gradient of `maximum` or `minimum`. TensorFlow.js's own do not sum over the axes along which an operand was broadcast. */
function extreme(kernelName: string, isFirst: Compare): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved) => {
      const [a, b] = saved;
      const gradient = dy as tf.Tensor; // the kernel has one output
      const first = isFirst(a, b);
      const share = (operand: tf.Tensor, taken: tf.Tensor): tf.Tensor => {
        const axes = tf.backend_util.getReductionAxes(operand.shape, gradient.shape);
        return gradient.mul(taken.toFloat()).sum(axes).reshape(operand.shape);
      };
      return { a: () => share(a, first), b: () => share(b, first.logicalNot()) };
    },
  };
}

/** Where both are equal the first operand gets the gradient. */
export const extremes: readonly tf.GradConfig[] = [
  extreme('Maximum', tf.greaterEqual),
  extreme('Minimum', tf.lessEqual),
];
