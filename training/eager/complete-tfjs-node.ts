import * as tf from '@tensorflow/tfjs';
import { type KernelArguments, overrideKernel } from './override-kernel.js';
import { filterGradientOfWhatIsRead } from './tfjs-node-filter-gradient.js';

interface PaddedKernel {
  /** The input that is an image and gets padded. Gradients by the image have none: its shape is an attribute. */
  readonly image?: string;
  /** What the border is filled with. */
  readonly border: number;
  /** Whether the result is an image too, whose border is cut off. */
  readonly cut: boolean;
}

/** Kernels that tfjs-node asks TensorFlow for with `valid` or `same` padding only. Images NHWC. */
const PADDED: Readonly<Record<string, PaddedKernel>> = {
  Conv2DBackpropInput: { border: 0, cut: true },
  DepthwiseConv2dNativeBackpropFilter: { image: 'x', border: 0, cut: false },
  DepthwiseConv2dNativeBackpropInput: { border: 0, cut: true },
  MaxPool: { image: 'x', border: Number.NEGATIVE_INFINITY, cut: false },
  MaxPoolGrad: { image: 'input', border: Number.NEGATIVE_INFINITY, cut: true },
};

type Border = [[number, number], [number, number], [number, number], [number, number]];

/**
 * Lets tfjs-node 4.22 train: gradients of convolutions, and pooling, with explicit padding (the image is padded, `valid`
 * asked for, and the border cut off again), and filter gradients that do not corrupt memory.
 */
export function completeTfjsNode(): void {
  for (const [kernelName, kernel] of Object.entries(PADDED)) {
    overrideKernel(kernelName, 'tensorflow', (args) => padFirst(kernelName, kernel, args));
  }
  overrideKernel('Conv2DBackpropFilter', 'tensorflow', filterGradientOfWhatIsRead);
}

function padFirst(
  kernelName: string,
  { image, border, cut }: PaddedKernel,
  { inputs, attributes }: KernelArguments,
): tf.Tensor | undefined {
  const padding = explicitPadding(attributes.pad);
  if (padding === undefined || attributes.dataFormat === 'NCHW') return undefined;
  const given = (image === undefined ? undefined : inputs[image]) as tf.Tensor4D | undefined;
  const shape = (given?.shape ?? attributes.inputShape) as readonly number[];
  const padded = shape.map((extent, axis) => extent + padding[axis][0] + padding[axis][1]);
  const result = tf
    .engine()
    .runKernel(
      kernelName,
      given === undefined || image === undefined
        ? { ...inputs }
        : { ...inputs, [image]: tf.pad(given, padding, border) },
      { ...attributes, pad: 'valid', ...(given === undefined ? { inputShape: padded } : {}) },
    ) as tf.Tensor;
  if (!cut) return result;
  return result.slice(
    padding.map(([before]) => before),
    [...shape],
  );
}

/** Paddings of an NHWC image; undefined where they are `valid`, `same` or 0. */
function explicitPadding(pad: unknown): Border | undefined {
  if (Array.isArray(pad)) return pad as Border;
  if (typeof pad !== 'number' || pad === 0) return undefined;
  return [
    [0, 0],
    [pad, pad],
    [pad, pad],
    [0, 0],
  ];
}
