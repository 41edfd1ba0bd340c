import * as tf from '@tensorflow/tfjs';
import type { KernelArguments } from './override-kernel.js';

export interface PaddedKernel {
  readonly kernelName: string;
  /** The input that is an image and gets padded. The gradient by the image has none: the shape is an attribute. */
  readonly image?: string;
  /** What is put around the image. */
  readonly border: number;
  /** Whether the result is an image too, whose border is cut off. */
  readonly cut: boolean;
}

interface PaddedAttributes extends tf.NamedAttrMap {
  readonly pad: 'valid' | 'same' | number | Padding;
}

export type PaddedArguments = KernelArguments<Readonly<Record<string, tf.Tensor4D>>, PaddedAttributes>;

type Padding = [[number, number], [number, number], [number, number], [number, number]];

/**
 * Runs a kernel that has no explicit padding: pads the image, asks for `valid`, and cuts the border off again.
 * @returns undefined where the padding asked for is not explicit, or images are not NHWC.
 */
export function padFirst(
  { kernelName, image, border, cut }: PaddedKernel,
  { inputs, attributes }: PaddedArguments,
): tf.Tensor | undefined {
  const padding = explicitPadding(attributes.pad);
  if (padding === undefined || attributes.dataFormat === 'NCHW') return undefined;
  // Gradients by an image say its shape, NHWC.
  const shape = image === undefined ? (attributes.inputShape as number[]) : inputs[image].shape;
  const padded = shape.map((extent, axis) => extent + padding[axis][0] + padding[axis][1]);
  const result = tf
    .engine()
    .runKernel<tf.Tensor>(
      kernelName,
      image === undefined ? { ...inputs } : { ...inputs, [image]: tf.pad(inputs[image], padding, border) },
      { ...attributes, pad: 'valid', ...(image === undefined ? { inputShape: padded } : {}) },
    );
  if (!cut) return result;
  return result.slice(
    padding.map(([before]) => before),
    shape,
  );
}

/** Explicit padding of an NHWC image; undefined for `valid`, `same` and 0. */
function explicitPadding(pad: PaddedAttributes['pad']): Padding | undefined {
  if (Array.isArray(pad)) return pad;
  if (typeof pad !== 'number' || pad === 0) return undefined;
  return [
    [0, 0],
    [pad, pad],
    [pad, pad],
    [0, 0],
  ];
}
