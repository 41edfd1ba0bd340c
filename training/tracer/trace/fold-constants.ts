import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../../errors.js';
import { sizeOf } from '../../onnx/tensor-data.js';
import { type ConstantData, constantOf, type KernelCall, type Value } from './trace.js';

/**
 * Computes a kernel whose inputs are all constants with TensorFlow.js's cpu backend.
 * @param as changes the shapes of the inputs, for uniform ones.
 * @returns the data of its first output.
 */
export function foldCall(call: KernelCall, as: (input: Value) => Value = (input) => input): ConstantData {
  const kernel = tf.getKernel(call.kernelName, 'cpu');
  const backend = tf.findBackend('cpu');
  if (kernel === undefined || backend === null) {
    throw new TrainingError(
      `folding \`${call.kernelName}\` needs TensorFlow.js's cpu backend, which is not registered`,
    );
  }
  const written: tf.TensorInfo[] = [];
  const inputs: Record<string, tf.TensorInfo> = {};
  for (const [name, input] of Object.entries(call.inputs)) {
    const { shape, dtype } = as(input);
    const dataId = backend.write(valuesOf(input, sizeOf(shape)), [...shape], dtype);
    inputs[name] = { dataId, shape: [...shape], dtype };
    written.push(inputs[name]);
  }
  const list = '0' in inputs ? Object.values(inputs) : inputs;
  const result = kernel.kernelFunc({
    inputs: list as tf.NamedTensorInfoMap, // kernels of lists take arrays
    attrs: call.attributes as tf.NamedAttrMap, // as they were recorded
    backend,
  });
  const outputs = Array.isArray(result) ? result : [result];
  const data = (backend.readSync(outputs[0].dataId) as ConstantData).slice(); // no strings are traced
  for (const { dataId } of [...written, ...outputs]) backend.disposeData(dataId, true);
  return data;
}

function valuesOf(input: Value, size: number): ConstantData {
  const constant = constantOf(input);
  if (constant === undefined) throw new TrainingError('expected constant inputs');
  if (constant.kind === 'data') return constant.data;
  const Kind = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[input.dtype];
  return new Kind(size).fill(constant.value);
}
