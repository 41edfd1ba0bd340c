import * as tf from '@tensorflow/tfjs';
import { spread } from './spread.js';

interface Attributes {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

/** Gradient of `stridedSlice`, which TensorFlow.js lacks: zeros except for the elements that were taken. */
export const stridedSlice: tf.GradConfig = {
  kernelName: 'StridedSlice',
  inputsToSave: ['x'],
  gradFunc: (dy, [x], attributes) => {
    const a = attributes as unknown as Attributes; // as tf.stridedSlice gives them
    const { begin, end, strides } = tf.slice_util.sliceInfo(
      x.shape,
      a.begin,
      a.end,
      a.strides,
      a.beginMask,
      a.endMask,
      a.ellipsisMask,
      a.newAxisMask,
      a.shrinkAxisMask,
    );
    return {
      x: () => {
        const taken = tf.slice_util.computeOutShape(begin, end, strides);
        const backwards = strides.flatMap((stride, axis) => (stride < 0 ? [axis] : []));
        const forward = tf.reverse((dy as tf.Tensor).reshape(taken), backwards); // the kernel has one output
        const spaced = spread(forward, strides.map(Math.abs));
        return tf.pad(
          spaced,
          spaced.shape.map((extent, axis): [number, number] => {
            const last = begin[axis] + (taken[axis] - 1) * strides[axis];
            const first = Math.min(begin[axis], last);
            return [first, x.shape[axis] - first - extent];
          }),
        );
      },
    };
  },
};
