import { Adam } from '../../training/optimizers/adam.js';
import { compileTrainingStep, type TrainingStep } from '../../training/tracer/compile-training-step.js';
import { parameterValues } from '../../training/weights/parameter-inputs.js';
import type { Task } from './protocol.js';
import type { Stepper } from './stepper.js';
import { type Workload, workloadLoss } from './workload.js';

/** The step as one ONNX graph, Adam beside it. */
export async function compiledStepper(workload: Workload, task: Task): Promise<Stepper> {
  const step = await compileWorkload(workload, task);
  const values = parameterValues(workload.parameters);
  const batch = Object.fromEntries(Object.entries(workload.batch).map(([name, { data }]) => [name, data]));
  const optimizer = new Adam();
  let gradients: Readonly<Record<string, Float32Array>> = {};
  return {
    compute: async () => {
      const result = await step.step(values, batch);
      gradients = result.gradients;
      return result.loss;
    },
    gradients: () => gradients,
    update: () => optimizer.update(values, gradients, task.learningRate),
    close: () => step.close(),
  };
}

function compileWorkload({ parameters, batch, options }: Workload, task: Task): Promise<TrainingStep> {
  return compileTrainingStep({
    parameters: Object.fromEntries(
      [...parameters].map(([name, { spec }]) => [
        name,
        {
          shape: spec.shape,
          layout: spec.shape.length === 4 ? ('OIHW' as const) : ('logical' as const),
          trainable: spec.trainable,
        },
      ]),
    ),
    batch: Object.fromEntries(
      Object.entries(batch).map(([name, { shape, dtype, layout }]) => [name, { shape, dtype, layout }]),
    ),
    loss: (weights, tensors) => workloadLoss(weights, tensors, options),
    options: {
      threads: task.threads,
      spinning: task.spinning,
      recompute: task.recompute,
      profilePrefix: task.profilePrefix,
    },
  });
}
