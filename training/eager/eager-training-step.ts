import * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../errors.js';
import type { TensorBuffer, TraceInput } from '../tracer/compile.js';
import {
  lossAndGradients,
  type StepResult,
  type TrainingStep,
  type TrainingStepDefinition,
} from '../tracer/compile-training-step.js';
import {
  identityOrder,
  type Layout,
  orderOf,
  permutationBetween,
  physicalShape,
} from '../tracer/lower/layout.js';

/** What takes steps: compiled, or eager. */
export type Stepping = Pick<TrainingStep, 'step' | 'close'>;

/**
 * The step of `compileTrainingStep` by eager TensorFlow.js on the active backend (see selectEagerBackend). Slower, but
 * tensors have values, so that a loss can be looked into. Takes and gives the same data in the same layouts.
 * @throws TrainingError, on a step, for data of another size than declared.
 */
export function eagerTrainingStep({ parameters, batch, loss }: TrainingStepDefinition): Stepping {
  const names = Object.keys(parameters);
  const trainable = names.filter((name) => parameters[name].trainable);
  const inputs: Record<string, TraceInput> = {};
  for (const name of names) inputs[`p:${name}`] = { ...parameters[name], dtype: 'float32' };
  for (const [name, input] of Object.entries(batch)) inputs[`b:${name}`] = input;

  const compute = (feeds: Readonly<Record<string, TensorBuffer>>): StepResult => {
    const tensors: Record<string, tf.Tensor> = {};
    for (const [name, input] of Object.entries(inputs)) tensors[name] = logical(name, feeds[name], input);
    const results = lossAndGradients(tensors, { names, trainable, batchNames: Object.keys(batch), loss });
    const metrics: Record<string, number> = {};
    const gradients: Record<string, Float32Array> = {};
    const updates: Record<string, TensorBuffer> = {};
    for (const [key, tensor] of Object.entries(results)) {
      const name = key.slice(2);
      if (key.startsWith('g:')) gradients[name] = physical<Float32Array>(tensor, parameters[name].layout);
      else if (key.startsWith('m:')) metrics[name] = Number(tensor.dataSync()[0]);
      else if (key.startsWith('u:')) updates[name] = physical(tensor);
    }
    const value = Number(results.loss.dataSync()[0]);
    tf.dispose(results); // metrics and updates are kept beyond a tidy
    return { loss: value, metrics, gradients, updates };
  };
  return {
    step: async (values, given) => {
      const feeds: Record<string, TensorBuffer> = {};
      for (const name of names) feeds[`p:${name}`] = values[name];
      for (const [name, data] of Object.entries(given)) feeds[`b:${name}`] = data;
      tf.engine().startScope();
      try {
        return compute(feeds);
      } finally {
        tf.engine().endScope();
      }
    },
    close: async () => {},
  };
}

/** The logical tensor of data that lie as declared. */
function logical(
  name: string,
  data: TensorBuffer | undefined,
  { shape, dtype, layout }: TraceInput,
): tf.Tensor {
  const order = orderOf(layout, shape.length);
  const stored = physicalShape(shape, order);
  if (data?.length !== tf.util.sizeFromShape(stored)) {
    throw new TrainingError(
      `\`${name.slice(2)}\`: expected \`${tf.util.sizeFromShape(stored)}\` elements for [${shape}], got ${data?.length ?? 'nothing'}`,
    );
  }
  return tf.tensor(data, stored, dtype).transpose(permutationBetween(order, identityOrder(shape.length)));
}

function physical<T extends TensorBuffer>(tensor: tf.Tensor, layout?: Layout): T {
  const order = orderOf(layout, tensor.rank);
  return tensor
    .transpose([...order])
    .dataSync()
    .slice() as T; // slice: some backends give views of their memory
}
