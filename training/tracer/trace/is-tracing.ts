import * as tf from '@tensorflow/tfjs';

/** The name under which the recording backend is registered with TensorFlow.js. */
export const RECORDING_BACKEND = 'onnx-trace';

/** Whether a function is being traced, so that tensors have no data. */
export function isTracing(): boolean {
  return tf.getBackend() === RECORDING_BACKEND;
}
