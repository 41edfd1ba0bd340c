import * as tf from '@tensorflow/tfjs';
import { selectEagerBackend } from '../../training/eager/eager-backend.js';
import type { Task } from './protocol.js';
import type { Stepper } from './stepper.js';
import { type BatchTensor, type Workload, workloadLoss } from './workload.js';

/** Eager TensorFlow.js with its own Adam. Its wasm backend has one thread in Node. */
export async function eagerStepper({ parameters, batch, options }: Workload, task: Task): Promise<Stepper> {
  await selectEagerBackend(task.backend ?? 'wasm');
  const weights: Record<string, tf.Tensor> = {};
  for (const [name, { spec, values }] of parameters) {
    const [h = 0, w = 0, i = 0, o = 0] = spec.shape;
    const tensor =
      spec.shape.length === 4
        ? tf.tidy(() => tf.tensor(values, [o, i, h, w]).transpose([2, 3, 1, 0]))
        : tf.tensor(values, [...spec.shape]);
    weights[name] = spec.trainable ? tf.variable(tensor, true, name) : tensor;
  }
  const tensors = Object.fromEntries(
    Object.entries(batch).map(([name, tensor]) => [name, batchTensor(tensor)]),
  );
  const optimizer = tf.train.adam(task.learningRate);
  let pending: tf.NamedTensorMap = {};
  return {
    compute: async () => {
      tf.dispose(pending);
      const { value, grads } = tf.variableGrads(() => workloadLoss(weights, tensors, options).loss);
      pending = grads;
      const loss = value.dataSync()[0] ?? Number.NaN;
      value.dispose();
      return loss;
    },
    gradients: () =>
      Object.fromEntries(Object.entries(pending).map(([name, gradient]) => [name, filterFirst(gradient)])),
    update: () =>
      optimizer.applyGradients(Object.entries(pending).map(([name, tensor]) => ({ name, tensor }))),
    close: async () => {},
  };
}

/** The data of a gradient, filters as OIHW. */
function filterFirst(gradient: tf.Tensor): Float32Array {
  return tf.tidy(() =>
    (gradient.rank === 4 ? gradient.transpose([3, 2, 0, 1]) : gradient).dataSync<'float32'>(),
  );
}

/** Row major, as TensorFlow.js wants it. */
function batchTensor({ shape, dtype, layout, data }: BatchTensor): tf.Tensor {
  const [n = 0, h = 0, w = 0, c = 0] = shape;
  if (layout !== 'NCHW') return tf.tensor(data, [...shape], dtype);
  return tf.tidy(() => tf.tensor(data, [n, c, h, w], dtype).transpose([0, 2, 3, 1]));
}
