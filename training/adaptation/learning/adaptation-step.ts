import type { BatchOptions } from '../../datasets/batches/batch.js';
import { parameterValues } from '../../runs/parameter-inputs.js';
import { stepParameters } from '../../runs/step-parameters.js';
import type { StepResult } from '../../runs/step-result.js';
import type { TraceInput } from '../../tracer/compile.js';
import { compileTrainingStep } from '../../tracer/compile-training-step.js';
import type { Parameters } from '../../weights/parameters.js';
import type { AdaptationBatch } from './adaptation-batches.js';
import {
  type SgdepthAdaptationBatch,
  type SgdepthAdaptationOptions,
  sgdepthAdaptationLoss,
} from './sgdepth-adaptation.js';

/** A batch with the poses of its triplets, [B, 4, 4] each. */
export interface PosedBatch extends Omit<AdaptationBatch, 'triplets' | 'mirrored'> {
  readonly previousPose: Float32Array;
  readonly nextPose: Float32Array;
}

export interface AdaptationStep {
  step(batch: PosedBatch): Promise<StepResult>;
  release(): Promise<void>;
}

/** Compiles loss and gradients of the adaptation; reads the parameters' current values at every step. */
export async function compileAdaptationStep(
  parameters: Parameters,
  method: SgdepthAdaptationOptions,
  targets: number,
  { batchSize, width, height, targetStep }: BatchOptions,
  threads: number,
): Promise<AdaptationStep> {
  const map = (count: number, channels: number, step = 1): TraceInput => ({
    shape: [count, height / step, width / step, channels],
    dtype: 'float32',
    layout: 'NCHW',
  });
  const pose: TraceInput = { shape: [targets, 4, 4], dtype: 'float32' };
  const compiled = await compileTrainingStep({
    parameters: stepParameters(parameters),
    batch: {
      image: map(targets, 3),
      picture: map(targets, 3),
      previousPicture: map(targets, 3),
      nextPicture: map(targets, 3),
      intrinsics: { shape: [targets, 4], dtype: 'float32' },
      previousPose: pose,
      nextPose: pose,
      mask: map(targets, 1),
      parentDisparity: map(targets, 1, targetStep),
      keep: map(targets, 1, targetStep),
      sourceImage: map(batchSize, 3),
      sourceDisparity: map(batchSize, 1, targetStep),
      sourceWeight: map(batchSize, 1, targetStep),
      sourceLabels: { shape: [batchSize, height / targetStep, width / targetStep], dtype: 'int32' },
    },
    loss: (weights, batch) =>
      sgdepthAdaptationLoss(weights, batch as unknown as SgdepthAdaptationBatch, method), // declared above
    options: { threads },
  });
  const values = parameterValues(parameters);
  return {
    step: async (batch) => {
      const { updates, ...result } = await compiled.step(values, { ...batch });
      return { ...result, updates: updates as Record<string, Float32Array> }; // statistics are float32
    },
    release: () => compiled.close(),
  };
}
