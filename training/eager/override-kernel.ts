import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';

/** What a kernel is called with. Its inputs are tensors, whatever TensorFlow.js's typings say. */
export interface KernelArguments {
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly attributes: tf.NamedAttrMap;
}

const overridden = new Set<string>();

/**
 * Puts `compose` before a backend's kernel, or in its place where the backend has none. Does nothing the second time.
 * @param compose the result made of other kernels, or undefined to leave the call to the backend's own; it may run the same
 * kernel with arguments that it leaves to the backend.
 */
export function overrideKernel(
  kernelName: string,
  backendName: string,
  compose: (args: KernelArguments) => tf.Tensor | undefined,
): void {
  const key = `${backendName} ${kernelName}`;
  if (overridden.has(key)) return;
  overridden.add(key);
  const own = tf.getKernel(kernelName, backendName) as tf.KernelConfig | undefined; // undefined when there is none
  if (own !== undefined) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    ...own,
    kernelName,
    backendName,
    kernelFunc: (call) => {
      const inputs = call.inputs as unknown as Record<string, tf.Tensor>; // see KernelArguments
      const composed = tf.tidy(() => compose({ inputs, attributes: call.attrs ?? {} }));
      if (composed !== undefined) return composed;
      if (own === undefined)
        throw new TrainingError(`the \`${backendName}\` backend has no kernel \`${kernelName}\``);
      return own.kernelFunc(call);
    },
  });
}
