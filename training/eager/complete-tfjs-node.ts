import { type PaddedArguments, type PaddedKernel, padFirst } from './explicit-padding.js';
import { overrideKernel } from './override-kernel.js';
import { filterGradientOfWhatIsRead } from './tfjs-node-filter-gradient.js';

/** Kernels that tfjs-node asks TensorFlow for with `valid` or `same` padding only. */
const PADDED: readonly PaddedKernel[] = [
  { kernelName: 'Conv2DBackpropInput', border: 0, cut: true },
  { kernelName: 'DepthwiseConv2dNativeBackpropFilter', image: 'x', border: 0, cut: false },
  { kernelName: 'DepthwiseConv2dNativeBackpropInput', border: 0, cut: true },
  { kernelName: 'MaxPool', image: 'x', border: Number.NEGATIVE_INFINITY, cut: false },
  { kernelName: 'MaxPoolGrad', image: 'input', border: Number.NEGATIVE_INFINITY, cut: true },
];

/**
 * Lets tfjs-node 4.22 train: gradients of convolutions, and pooling, with explicit padding, which it does not know; and
 * filter gradients that do not corrupt memory.
 */
export function completeTfjsNode(): void {
  for (const kernel of PADDED) {
    overrideKernel<PaddedArguments['inputs'], PaddedArguments['attributes']>(
      kernel.kernelName,
      'tensorflow',
      (args) => padFirst(kernel, args),
    );
  }
  overrideKernel('Conv2DBackpropFilter', 'tensorflow', filterGradientOfWhatIsRead);
}
