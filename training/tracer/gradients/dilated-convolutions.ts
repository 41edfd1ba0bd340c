import * as tf from '@tensorflow/tfjs';
import { isTracing } from '../trace/is-tracing.js';
import { spread, unspread } from './spread.js';

interface Attributes {
  readonly dilations?: number | readonly [number, number] | null;
}

/**
 * Gradients of dilated convolutions, which TensorFlow.js refuses. The rules of the tracer know dilations. The kernels of
 * TensorFlow.js's own backends ignore them in gradients, so there the filter is spread out with zeros, which is the same.
 */
function dilated(kernelName: string, plain: tf.GradConfig): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ['x', 'filter'],
    gradFunc: (dy, saved, attributes) => {
      const given = (attributes as Attributes).dilations ?? 1; // as tf.conv2d gives them
      const [vertical, horizontal] = typeof given === 'number' ? [given, given] : given;
      if (vertical === 1 && horizontal === 1) return plain.gradFunc(dy, saved, attributes);
      const [x, filter] = saved;
      const gradient = dy as tf.Tensor; // the kernel has one output
      const byInput = (used: tf.Tensor, own: tf.NamedAttrMap): tf.Tensor =>
        tf
          .engine()
          .runKernel(
            `${kernelName}BackpropInput`,
            { dy: gradient, filter: used },
            { ...attributes, ...own, inputShape: x.shape },
          );
      const byFilter = (filterShape: number[], own: tf.NamedAttrMap): tf.Tensor =>
        tf
          .engine()
          .runKernel(
            `${kernelName}BackpropFilter`,
            { x, dy: gradient },
            { ...attributes, ...own, filterShape },
          );
      if (isTracing()) return { x: () => byInput(filter, {}), filter: () => byFilter(filter.shape, {}) };
      const steps = [vertical, horizontal, 1, 1];
      const spreadShape = filter.shape.map((extent, axis) => (extent - 1) * steps[axis] + 1);
      const undilated = { dilations: [1, 1] };
      return {
        x: () => byInput(spread(filter, steps), undilated),
        filter: () => unspread(byFilter(spreadShape, undilated), steps),
      };
    },
  };
}

export const dilatedConvolutions: readonly tf.GradConfig[] = ['Conv2D', 'DepthwiseConv2dNative'].map(
  (kernelName) => dilated(kernelName, tf.getGradient(kernelName)),
);
