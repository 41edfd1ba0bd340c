import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';

/** What a kernel is called with: tensors and attributes by the names that TensorFlow.js gives them. */
export interface KernelArguments<I = Readonly<Record<string, tf.Tensor>>, A = tf.NamedAttrMap> {
  readonly inputs: I;
  readonly attributes: A;
}

const overridden = new Set<string>();

/**
 * Puts `compose` before a backend's kernel, or in its place where the backend has none. Does nothing the second time.
 * @typeParam I the kernel's inputs. @typeParam A its attributes. TensorFlow.js's source has both, its typings neither.
 * @param compose the result made of other kernels, or undefined to leave the call to the backend's own. It may run the same
 * kernel with arguments that it leaves to the backend.
 */
export function overrideKernel<I = KernelArguments['inputs'], A = KernelArguments['attributes']>(
  kernelName: string,
  backendName: string,
  compose: (args: KernelArguments<I, A>) => tf.Tensor | undefined,
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
      const args = { inputs: call.inputs, attributes: call.attrs ?? {} } as unknown; // the caller knows this kernel's
      const composed = tf.tidy(() => compose(args as KernelArguments<I, A>)); // as said above
      if (composed !== undefined) return composed;
      if (own === undefined)
        throw new TrainingError(`the \`${backendName}\` backend has no kernel \`${kernelName}\``);
      return own.kernelFunc(call);
    },
  });
}
