import type * as tf from '@tensorflow/tfjs';
import type { Batch, BatchOptions } from '../datasets/batch.js';
import { type SupervisedBatch, type SupervisedOptions, supervisedLoss } from '../methods/supervised.js';
import type { TrainingStepDefinition } from '../onnx/compile-training-step.js';
import type { StepResult } from '../trainer.js';
import type { Parameters } from '../weights/parameters.js';
import { COMPILED, type Engine } from './engine.js';
import { parameterValues } from './parameter-inputs.js';
import { stepParameters } from './step-parameters.js';

export interface SupervisedStep {
  step(batch: Batch): Promise<StepResult>;
  release(): Promise<void>;
}

/** Compiles loss and gradients of the supervised method for one batch shape; reads the parameters' current values at every step. */
export async function compileSupervisedStep(
  parameters: Parameters,
  { batchSize, width, height, targetStep }: BatchOptions,
  options: SupervisedOptions,
  threads: number,
  engine: Engine = COMPILED,
): Promise<SupervisedStep> {
  const targets = [batchSize, height / targetStep, width / targetStep];
  const plane = [...targets, 1];
  const definition: TrainingStepDefinition = {
    parameters: stepParameters(parameters),
    batch: {
      image: { shape: [batchSize, height, width, 3], dtype: 'float32', layout: 'NCHW' },
      disparity: { shape: plane, dtype: 'float32', layout: 'NCHW' },
      weight: { shape: plane, dtype: 'float32', layout: 'NCHW' },
      labels: { shape: targets, dtype: 'int32' },
    },
    loss: (weights, batch) =>
      supervisedLoss(weights, batch as Record<string, tf.Tensor> as unknown as SupervisedBatch, options), // ranks as declared above
    options: { threads },
  };
  const compute = await engine.start(definition);
  const values = parameterValues(parameters);
  return {
    step: async (batch) => {
      const { updates, ...result } = await compute.step(values, { ...batch });
      return { ...result, updates: updates as Record<string, Float32Array> }; // statistics are float32
    },
    release: () => compute.close(),
  };
}
