import * as tf from '@tensorflow/tfjs';
import { convolutionTaps } from './convolution-taps.js';

export interface FilterGradientAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly filterShape: [number, number, number, number];
}

/** `Conv2DBackpropFilter`: for every tap of the kernel one slice of `x` and one matrix product with `dy`. */
export function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, a: FilterGradientAttributes): tf.Tensor {
  const info = tf.backend_util.computeConv2DInfo(
    x.shape,
    a.filterShape,
    a.strides,
    1,
    a.pad,
    a.dimRoundingMode,
  );
  const gradient = dy.reshape([-1, info.outChannels]);
  const taps = convolutionTaps(x, info, (seen) =>
    tf.matMul(seen.reshape([-1, info.inChannels]), gradient, true, false),
  );
  return tf.stack(taps).reshape(a.filterShape);
}
