import * as tf from '@tensorflow/tfjs';
import { asTensors } from '../../../../training/datasets/batches/batch-schema.js';
import {
  declareSgdepth,
  SGDEPTH_BATCH,
  type SgdepthBatch,
  type SgdepthOptions,
  type SgdepthResult,
  sgdepthLoss,
} from '../../../../training/methods/sgdepth/sgdepth-loss.js';
import { Scope } from '../../../../training/networks/scope.js';
import { domainNamed } from '../../../../training/simulator/domains.js';
import { simulateDrive } from '../../../../training/simulator/drive.js';
import type { SimulatedFrame } from '../../../../training/simulator/frame.js';
import type { TensorBuffer, TraceInput } from '../../../../training/tracer/compile.js';
import { compileTrainingStep, type TrainingStep } from '../../../../training/tracer/compile-training-step.js';
import { declaredParameters } from '../../../../training/weights/network-parameters.js';
import { initialParameters, type Parameters } from '../../../../training/weights/parameters.js';

export const [HEIGHT, WIDTH] = [32, 64];

/** Narrow networks at full resolution with four scales and both tasks. */
export const TINY: SgdepthOptions = {
  network: {
    encoder: [4, 4, 5, 6, 8],
    decoder: { channels: [8, 6, 5, 4, 4], activation: 'elu', padding: 'zero' },
    outputScale: 0,
    disparityBias: 0,
    classes: 19,
  },
  pose: { encoder: [4, 4, 5, 6, 8], channels: 6 },
  minMeters: 0.1,
  maxMeters: 100,
  scales: 4,
  smoothnessWeight: 1e-3,
  autoMask: true,
  overlap: 'mean',
  classWeights: Array.from({ length: 19 }, (_, i) => 1 + (i % 3)),
};

export interface Feed extends TraceInput {
  readonly data: Float32Array | Int32Array;
}

const floats = (shape: number[], data: Iterable<number>): Feed => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from(data),
});
const labels = (frame: SimulatedFrame): Feed => ({
  shape: [1, HEIGHT, WIDTH],
  dtype: 'int32',
  data: Int32Array.from(frame.labels),
});

/** Three consecutive frames of a simulated drive beside a labelled frame of another one: a batch of 1 + 1. */
export function simulatedBatch(seed = 1): Required<Record<keyof SgdepthBatch, Feed>> {
  const options = { domain: domainNamed('town-clean'), width: WIDTH, height: HEIGHT, frameRate: 10 };
  const [previous, target, next] = [...simulateDrive({ ...options, seed, frames: 3 })] as [
    SimulatedFrame,
    SimulatedFrame,
    SimulatedFrame,
  ];
  const [source] = [...simulateDrive({ ...options, seed: seed + 1, frames: 1 })] as [SimulatedFrame];
  const shape = [1, HEIGHT, WIDTH, 3];
  const picture = (frame: SimulatedFrame) =>
    floats(
      shape,
      Float32Array.from(frame.rgb, (x) => x / 255),
    );
  const image = (frame: SimulatedFrame) =>
    floats(
      shape,
      Float32Array.from(frame.rgb, (x) => (x / 255 - 0.45) / 0.225),
    );
  const { fx, fy, cx, cy } = target.intrinsics;
  return {
    image: image(target),
    previousImage: image(previous),
    nextImage: image(next),
    picture: picture(target),
    previousPicture: picture(previous),
    nextPicture: picture(next),
    intrinsics: floats([1, 4], [fx, fy, cx, cy]),
    labels: labels(target),
    previousLabels: labels(previous),
    nextLabels: labels(next),
    isStatic: floats([1], [0]),
    sourceImage: image(source),
    sourceLabels: labels(source),
  };
}

export function startingParameters(options: SgdepthOptions): Parameters {
  return initialParameters(
    declaredParameters((scope, image) => declareSgdepth(scope, image, options)),
    7,
  );
}

/** The loss of a batch as a run computes it: checked against the schema, networks in training. */
export function lossOf(
  parameters: Readonly<Record<string, tf.Tensor>>,
  batch: Readonly<Record<string, tf.Tensor | undefined>>,
  options: SgdepthOptions,
): SgdepthResult {
  return sgdepthLoss(Scope.over(parameters, true), asTensors(SGDEPTH_BATCH, batch), options);
}

/** The parameters' own arrays, filters as OIHW. */
export function valuesOf(parameters: Parameters): Record<string, Float32Array> {
  return Object.fromEntries([...parameters].map(([name, { values }]) => [name, values]));
}

/** As logical tensors, filters as HWIO. */
export function tensorsOf(parameters: Parameters): Record<string, tf.Tensor> {
  return Object.fromEntries(
    [...parameters].map(([name, { spec, values }]) => {
      const [height = 1, width = 1, input = 1, output = 1] = spec.shape;
      if (spec.shape.length !== 4) return [name, tf.tensor(values, [...spec.shape])];
      return [name, tf.tensor4d(values, [output, input, height, width]).transpose([2, 3, 1, 0])];
    }),
  );
}

export function batchTensors(batch: Readonly<Record<string, Feed>>): SgdepthBatch {
  const tensors = Object.entries(batch).map(([name, { shape, dtype, data }]) => [
    name,
    tf.tensor(data, [...shape], dtype),
  ]);
  return asTensors(SGDEPTH_BATCH, Object.fromEntries(tensors));
}

export function compileStep(
  parameters: Parameters,
  batch: Readonly<Record<string, Feed>>,
  options: SgdepthOptions,
): Promise<TrainingStep> {
  return compileTrainingStep({
    parameters: Object.fromEntries(
      [...parameters].map(([name, { spec }]) => [
        name,
        {
          shape: [...spec.shape],
          layout: spec.shape.length === 4 ? ('OIHW' as const) : ('logical' as const),
          trainable: spec.trainable,
        },
      ]),
    ),
    batch: Object.fromEntries(
      Object.entries(batch).map(([name, { shape, dtype }]) => [name, { shape, dtype }]),
    ),
    loss: (weights, tensors) => {
      const { overlaps, ...result } = lossOf(weights, tensors, options);
      return { ...result, ...(overlaps && { updates: { overlaps } }) };
    },
    options: { threads: 1 },
  });
}

export function dataOf(batch: Readonly<Record<string, Feed>>): Record<string, TensorBuffer> {
  return Object.fromEntries(Object.entries(batch).map(([name, { data }]) => [name, data]));
}
