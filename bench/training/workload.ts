import type * as tf from '@tensorflow/tfjs';
import { asTensors } from '../../training/datasets/batches/batch-schema.js';
import {
  declareSgdepth,
  SGDEPTH_BATCH,
  type SgdepthBatch,
  type SgdepthOptions,
  sgdepthLoss,
} from '../../training/methods/sgdepth/sgdepth-loss.js';
import {
  COMPACT_SGDEPTH,
  EFFICIENT_SGDEPTH,
  NARROW_SGDEPTH,
  PAPER_SGDEPTH,
} from '../../training/methods/sgdepth/sgdepth-presets.js';
import { inputNormalization } from '../../training/networks/input-normalization.js';
import { Scope } from '../../training/networks/scope.js';
import { domainNamed } from '../../training/simulator/domains.js';
import { simulateDrive } from '../../training/simulator/drive.js';
import type { SimulatedFrame } from '../../training/simulator/frame.js';
import type { TraceInput } from '../../training/tracer/compile.js';
import type { LossResult } from '../../training/tracer/compile-training-step.js';
import { declaredParameters } from '../../training/weights/network-parameters.js';
import { initialParameters, type Parameters } from '../../training/weights/parameters.js';

const PRESETS = {
  paper: PAPER_SGDEPTH,
  compact: COMPACT_SGDEPTH,
  efficient: EFFICIENT_SGDEPTH,
  narrow: NARROW_SGDEPTH,
} as const;
export type WorkloadPreset = keyof typeof PRESETS;
export const WORKLOAD_PRESETS: readonly string[] = Object.keys(PRESETS);

/** What the contestants of a benchmark are given: one joint SGDepth batch of `targets` triplets and `sources` labelled images. */
export interface WorkloadSize {
  readonly preset: WorkloadPreset;
  readonly width: number;
  readonly height: number;
  readonly targets: number;
  readonly sources: number;
}

/** A tensor of the batch, in the physical order that `layout` names. */
export interface BatchTensor extends TraceInput {
  readonly data: Float32Array | Int32Array;
}

export interface Workload {
  readonly options: SgdepthOptions;
  readonly parameters: Parameters;
  readonly batch: Readonly<Required<Record<keyof SgdepthBatch, BatchTensor>>>;
}

/** Networks, starting weights and a simulated batch: the same in every process. */
export function sgdepthWorkload(size: WorkloadSize): Workload {
  const preset = PRESETS[size.preset];
  const classWeights = Array.from({ length: preset.network.classes }, (_, i) => 1 + (i % 3));
  const options = { ...preset, classWeights };
  return {
    options,
    parameters: initialParameters(
      declaredParameters((scope, image) => declareSgdepth(scope, image, options)),
      7,
    ),
    batch: simulatedBatch(size, options),
  };
}

/** The loss as a run computes it: networks in training, statistics of the batch among the updates. */
export function workloadLoss(
  weights: Readonly<Record<string, tf.Tensor>>,
  tensors: Readonly<Record<string, tf.Tensor>>,
  options: SgdepthOptions,
): LossResult {
  const scope = Scope.over(weights, true);
  const { loss, metrics } = sgdepthLoss(scope, asTensors(SGDEPTH_BATCH, tensors), options);
  return { loss, metrics, updates: scope.updates() };
}

function simulatedBatch(size: WorkloadSize, { network }: SgdepthOptions): Workload['batch'] {
  const { width, height, targets, sources } = size;
  const drive = (seed: number, frames: number): SimulatedFrame[] => [
    ...simulateDrive({ domain: domainNamed('town-clean'), seed, frames, width, height, frameRate: 10 }),
  ];
  const triplets = Array.from({ length: targets }, (_, i) => drive(i + 1, 3));
  const time = (index: number) => triplets.flatMap((frames) => frames[index] ?? []);
  const [previous, target, next] = [time(0), time(1), time(2)];
  const source = Array.from({ length: sources }, (_, i) => drive(100 + i, 1)).flat();
  const { mean, std } = inputNormalization(network);
  const normalised = (channel: number) => (value: number) =>
    (value / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1);
  const image = (frames: readonly SimulatedFrame[]) => planes(frames, size, normalised);
  const picture = (frames: readonly SimulatedFrame[]) => planes(frames, size, () => (value) => value / 255);
  const intrinsics = target.flatMap(({ intrinsics: { fx, fy, cx, cy } }) => [fx, fy, cx, cy]);
  return {
    image: image(target),
    previousImage: image(previous),
    nextImage: image(next),
    picture: picture(target),
    previousPicture: picture(previous),
    nextPicture: picture(next),
    intrinsics: { shape: [targets, 4], dtype: 'float32', data: Float32Array.from(intrinsics) },
    labels: labels(target, size, 1),
    previousLabels: labels(previous, size, 1),
    nextLabels: labels(next, size, 1),
    isStatic: { shape: [targets], dtype: 'float32', data: new Float32Array(targets) },
    sourceImage: image(source),
    sourceLabels: labels(source, size, 2 ** network.outputScale),
  };
}

/** RGB images as [N, 3, H, W]. */
function planes(
  frames: readonly SimulatedFrame[],
  { width, height }: WorkloadSize,
  map: (channel: number) => (value: number) => number,
): BatchTensor {
  const pixels = width * height;
  const data = new Float32Array(frames.length * 3 * pixels);
  for (const [n, { rgb }] of frames.entries()) {
    for (let channel = 0; channel < 3; channel++) {
      const value = map(channel);
      const begin = (n * 3 + channel) * pixels;
      for (let i = 0; i < pixels; i++) data[begin + i] = value(rgb[i * 3 + channel] ?? 0);
    }
  }
  return { shape: [frames.length, height, width, 3], dtype: 'float32', layout: 'NCHW', data };
}

/** Every `step`-th label of every `step`-th row. */
function labels(
  frames: readonly SimulatedFrame[],
  { width, height }: WorkloadSize,
  step: number,
): BatchTensor {
  const [rows, columns] = [height / step, width / step];
  const data = new Int32Array(frames.length * rows * columns);
  for (const [n, frame] of frames.entries()) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        data[(n * rows + row) * columns + column] = frame.labels[(row * width + column) * step] ?? 255;
      }
    }
  }
  return { shape: [frames.length, rows, columns], dtype: 'int32', data };
}
