import type * as tf from '@tensorflow/tfjs';
import type { Batch, BatchOptions } from '../../datasets/batches/batch.js';
import { COMPILED, type Engine } from '../../runs/engine.js';
import { parameterValues } from '../../runs/parameter-inputs.js';
import { stepParameters } from '../../runs/step-parameters.js';
import type { StepResult } from '../../runs/step-result.js';
import type { TrainingStepDefinition } from '../../tracer/compile-training-step.js';
import type { Parameters } from '../../weights/parameters.js';
import { type SupervisedBatch, type SupervisedOptions, supervisedLoss } from './supervised.js';

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
