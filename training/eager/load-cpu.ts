import * as tf from '@tensorflow/tfjs';

/** TensorFlow.js's reference backend in plain JavaScript: always there, and slow. */
export async function loadCpu(): Promise<void> {
  await tf.setBackend('cpu');
}
