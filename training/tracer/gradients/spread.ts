import * as tf from '@tensorflow/tfjs';

/** Puts `step - 1` zeros behind every element along the axes where `steps` is more than one, but not behind the last. */
export function spread(x: tf.Tensor, steps: readonly number[]): tf.Tensor {
  return x.shape.reduce((spaced, extent, axis) => {
    const step = steps[axis];
    if (step === 1 || extent === 0) return spaced;
    const [before, after] = [spaced.shape.slice(0, axis), spaced.shape.slice(axis + 1)];
    const [outer, inner] = [tf.util.sizeFromShape(before), tf.util.sizeFromShape(after)];
    const zeros: [number, number][] = [
      [0, 0],
      [0, 0],
      [0, step - 1],
      [0, 0],
    ];
    return tf
      .pad(spaced.reshape([outer, extent, 1, inner]), zeros)
      .reshape([outer, extent * step, inner])
      .slice([0, 0, 0], [outer, (extent - 1) * step + 1, inner])
      .reshape([...before, (extent - 1) * step + 1, ...after]);
  }, x);
}

/** Undoes {@link spread}: every `step`-th element along each axis, from the first on. */
export function unspread(x: tf.Tensor, steps: readonly number[]): tf.Tensor {
  return x.shape.reduce((taken, extent, axis) => {
    const step = steps[axis];
    if (step === 1) return taken;
    const indices = Array.from({ length: Math.ceil(extent / step) }, (_, i) => i * step);
    return tf.gather(taken, tf.tensor1d(indices, 'int32'), axis);
  }, x);
}
