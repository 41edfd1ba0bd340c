import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import { completeWasm } from './complete-wasm.js';

/**
 * Loads TensorFlow.js's WebAssembly backend and registers the kernels that it lacks for training.
 * @throws TrainingError when `@tensorflow/tfjs-backend-wasm` is not installed or does not start.
 */
export async function loadWasm(): Promise<void> {
  try {
    await import('@tensorflow/tfjs-backend-wasm');
  } catch (cause) {
    throw new TrainingError(
      '`@tensorflow/tfjs-backend-wasm` is not installed: `npm install @tensorflow/tfjs-backend-wasm`',
      { cause },
    );
  }
  if (!(await tf.setBackend('wasm'))) throw new TrainingError('TensorFlow.js cannot start its wasm backend');
  completeWasm();
}
