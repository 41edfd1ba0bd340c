import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../../errors.js';

/** Attributes that TensorFlow.js's 2-D convolution kernels share. */
export interface ConvAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** A 2-D convolution with everything worked out. Pairs are [vertical, horizontal]. */
export interface ConvGeometry {
  readonly batch: number;
  readonly input: readonly [number, number];
  readonly output: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Before the first row and column. */
  readonly padBefore: readonly [number, number];
  readonly padAfter: readonly [number, number];
  readonly inChannels: number;
  readonly outChannels: number;
  readonly groups: number;
  /** Logical NHWC. */
  readonly outShape: readonly [number, number, number, number];
}

/**
 * @param inShape [N, H, W, C].
 * @param filterShape [H, W, in, out], or for depthwise convolutions [H, W, in, multiplier].
 */
export function convGeometry(
  opName: string,
  inShape: readonly number[],
  filterShape: readonly number[],
  attributes: ConvAttributes,
  depthwise = false,
): ConvGeometry {
  if (attributes.dataFormat === 'NCHW') {
    throw new TrainingError(
      `${opName}: expected dataFormat \`NHWC\`, got NCHW; the tracer chooses the layout itself`,
    );
  }
  // TensorFlow.js has checked the ranks before it calls the kernel.
  const info = tf.backend_util.computeConv2DInfo(
    inShape as [number, number, number, number], // as said
    filterShape as [number, number, number, number], // as said
    attributes.strides,
    attributes.dilations ?? 1,
    attributes.pad,
    attributes.dimRoundingMode,
    depthwise,
  );
  return {
    batch: info.batchSize,
    input: [info.inHeight, info.inWidth],
    output: [info.outHeight, info.outWidth],
    kernel: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    padBefore: [info.padInfo.top, info.padInfo.left],
    padAfter: [info.padInfo.bottom, info.padInfo.right],
    inChannels: info.inChannels,
    outChannels: info.outChannels,
    groups: depthwise ? info.inChannels : info.inChannels / filterShape[2],
    outShape: info.outShape,
  };
}

/** Attributes of ONNX's Conv. */
export function convAttributes(geometry: ConvGeometry): Record<string, number | readonly number[]> {
  const { kernel, strides, dilations, padBefore, padAfter, groups } = geometry;
  return {
    kernel_shape: kernel,
    strides,
    dilations,
    pads: [...padBefore, ...padAfter],
    group: groups,
  };
}
