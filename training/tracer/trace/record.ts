import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../../errors.js';
import { RECORDING_BACKEND } from './is-tracing.js';
import type { TracerPasses } from './passes.js';
import { Recorder } from './recorder.js';
import { recordingBackend } from './recording-backend.js';
import type { TensorType, Trace, Value } from './trace.js';
import { verifyTrace } from './verify-trace.js';

export type TracedFunction = (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>;

/**
 * Runs `fn` once with symbolic tensors and returns what it computed. `fn` must not be asynchronous. The TensorFlow.js
 * backend that was active before is active again afterwards.
 */
export function record(
  fn: TracedFunction,
  inputs: Readonly<Record<string, TensorType>>,
  passes: TracerPasses = {},
): Trace {
  const backend = recordingBackend();
  const recorder = new Recorder(passes.constantFolding);
  const inputValues: Record<string, Value> = {};
  for (const [name, type] of Object.entries(inputs)) inputValues[name] = recorder.input(name, type);
  const outputs: Record<string, Value> = {};
  const previous = activeBackend();
  try {
    backend.recordInto(recorder, () => {
      void tf.setBackend(RECORDING_BACKEND);
      tf.tidy(() => {
        const tensors: Record<string, tf.Tensor> = {};
        for (const [name, value] of Object.entries(inputValues)) {
          tensors[name] = tf.engine().makeTensorFromTensorInfo(backend.hold(value));
        }
        const results = fn(tensors);
        if (results instanceof Promise) throw new TrainingError('a traced function must not be asynchronous');
        for (const [name, tensor] of Object.entries(results)) {
          outputs[name] = backend.traced(tensor, `output \`${name}\``);
        }
      });
    });
  } catch (error) {
    throw namedError(error);
  } finally {
    void tf.setBackend(previous);
  }
  const { nodes, backwardFrom } = recorder;
  const trace = { inputs: inputValues, nodes, outputs, backwardFrom };
  verifyTrace(trace);
  return trace;
}

/** The name of the backend in use; the cpu backend where the default one is not ready. */
function activeBackend(): string {
  try {
    tf.backend();
    return tf.getBackend();
  } catch {
    return 'cpu';
  }
}

/** Gives errors that TensorFlow.js throws before a kernel runs the name of the op that threw them. */
function namedError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof TrainingError) return error;
  const [, innermost = '', ...outer] = (error.stack ?? '').slice(error.message.length).split('\n    at ');
  if (!/tfjs/.test(innermost)) return error;
  const opName = /(\w+)__op\b/.exec([innermost, ...outer].join())?.[1];
  const missing = new RegExp(`'([^']+)'.*backend '${RECORDING_BACKEND}'`).exec(error.message)?.[1];
  if (missing !== undefined) {
    const by = opName === undefined ? '' : `, run by the op \`${opName}\`,`;
    return new TrainingError(
      `the kernel \`${missing}\`${by} cannot be traced: there is no rule for it in training/tracer/rules`,
      { cause: error },
    );
  }
  if (opName === undefined || error.message.toLowerCase().includes(opName.toLowerCase())) return error;
  return new TrainingError(`${opName}: ${error.message}`, { cause: error });
}
