import * as tf from '@tensorflow/tfjs';

/** What a function with a gradient of its own gives. */
export interface WithGradient<O extends tf.Tensor, S extends readonly tf.Tensor[]> {
  readonly value: O;
  /** The gradient by each input, in their order; a single one where there is one input. @param kept what was saved. */
  gradient(dy: O, ...kept: S): tf.Tensor | tf.Tensor[];
}

/**
 * `tf.customGrad` of inputs that have types. The typings of TensorFlow.js 4.22 know tensors of any rank alone, and no `save`.
 * @param forward `save` keeps tensors for the gradient. What it reads beside its inputs gets no gradient.
 */
export function customGradient<
  I extends readonly tf.Tensor[],
  O extends tf.Tensor,
  S extends readonly tf.Tensor[] = [],
>(inputs: I, forward: (save: (...kept: S) => void, ...inputs: I) => WithGradient<O, S>): O {
  const op = tf.customGrad((...given) => {
    // TensorFlow.js passes the inputs as they were given, and after them the function that saves.
    const [own, [save]] = [given.slice(0, inputs.length), given.slice(inputs.length)] as unknown as [
      I,
      [tf.GradSaveFunc],
    ];
    const { value, gradient } = forward((...kept) => save([...kept]), ...own);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const kept = saved as unknown as S; // in the order of saving
        return gradient(dy as O, ...kept); // dy has the shape of the value
      },
    };
  });
  return op(...inputs) as O; // the value, under the typings of any tensor
}
