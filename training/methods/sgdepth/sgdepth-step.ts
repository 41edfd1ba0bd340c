import type { JointBatch } from '../../datasets/batches/joint-batch.js';
import { COMPILED, type Engine } from '../../runs/engine.js';
import { parameterValues } from '../../runs/parameter-inputs.js';
import { stepParameters } from '../../runs/step-parameters.js';
import type { StepResult } from '../../runs/step-result.js';
import type { TensorBuffer, TraceInput } from '../../tracer/compile.js';
import type { Parameters } from '../../weights/parameters.js';
import { type SgdepthBatch, type SgdepthOptions, sgdepthLoss } from './sgdepth.js';
import type { TripletLabels } from './sgdepth-labeller.js';

export interface SgdepthStepOptions {
  readonly method: SgdepthOptions;
  readonly targets: number;
  readonly sources: number;
  readonly width: number;
  readonly height: number;
  /** Whether images can be masked: then the step is given labels. */
  readonly masks: boolean;
  readonly threads: number;
  /** COMPILED by default. */
  readonly engine?: Engine;
}

/** The masks' part of a step. */
export interface StepMasks extends TripletLabels {
  /** [B], 1 for images that are trained without mask. */
  readonly isStatic: Float32Array;
}

export interface SgdepthStep {
  /** @returns the step's result, and Lambda of each triplet where there are masks. */
  step(batch: JointBatch, masks?: StepMasks): Promise<StepResult & { readonly overlaps?: Float32Array }>;
  release(): Promise<void>;
}

/** Compiles loss and gradients of SGDepth; reads the parameters' current values at every step. */
export async function compileSgdepthStep(
  parameters: Parameters,
  { method, targets, sources, width, height, masks, threads, engine = COMPILED }: SgdepthStepOptions,
): Promise<SgdepthStep> {
  const image: TraceInput = { shape: [targets, height, width, 3], dtype: 'float32', layout: 'NCHW' };
  const labels: TraceInput = { shape: [targets, height, width], dtype: 'int32' };
  const factor = 2 ** method.network.outputScale;
  const segmentation = method.classWeights !== undefined;
  const compiled = await engine.start({
    parameters: stepParameters(parameters),
    batch: {
      image,
      previousImage: image,
      nextImage: image,
      picture: image,
      previousPicture: image,
      nextPicture: image,
      intrinsics: { shape: [targets, 4], dtype: 'float32' },
      ...(masks
        ? {
            labels,
            previousLabels: labels,
            nextLabels: labels,
            isStatic: { shape: [targets], dtype: 'float32' as const },
          }
        : {}),
      ...(segmentation
        ? {
            sourceImage: { ...image, shape: [sources, height, width, 3] },
            sourceLabels: { shape: [sources, height / factor, width / factor], dtype: 'int32' as const },
          }
        : {}),
    },
    loss: (weights, batch) => {
      const { overlaps, updates, ...result } = sgdepthLoss(weights, batch as unknown as SgdepthBatch, method); // declared above
      return { ...result, updates: overlaps === undefined ? updates : { ...updates, [OVERLAPS]: overlaps } };
    },
    options: { threads },
  });
  const values = parameterValues(parameters);
  return {
    step: async ({ triplets: _, sourceImage, sourceLabels, ...given }, masking) => {
      const feeds: Record<string, TensorBuffer> = { ...given, ...masking };
      if (segmentation) Object.assign(feeds, { sourceImage, sourceLabels });
      const { updates, ...result } = await compiled.step(values, feeds);
      const { [OVERLAPS]: overlaps, ...statistics } = updates as Record<string, Float32Array>; // all are float32
      return { ...result, updates: statistics, ...(overlaps === undefined ? {} : { overlaps }) };
    },
    release: () => compiled.close(),
  };
}

/** Lambda among the updates of a step. */
const OVERLAPS = 'overlaps';
